#pragma once

#include "engine/core/error.h"
#include "engine/session/connect.h"
#include "engine/session/session.h"
#include "views/connect/start_dialog.h"
#include "views/library/library.h"

#include <QString>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lightcone::window {

/// What the program gives the window: the window itself knows no protocol and no way to make a run.
struct Ground
{
    /// Opens a scenario or a recorded run. Called on a thread of its own; the error is one
    /// sentence.
    std::function<Result<std::unique_ptr<session::Session>>(const std::string& path,
                                                            const session::Progress&)>
        open;

    /// The shelves of the library in that language ("en", "zh_CN").
    std::function<std::vector<library::Shelf>(const QString& language)> shelves;

    /// What is opened when nothing was asked for; may be empty.
    QString first;

    QString version;

    /// Opens a scenario so that it stops when its last line is done, or a recorded run.
    std::function<Result<std::unique_ptr<session::Session>>(const std::string& path)> openToEnd{};

    /// Watches real nodes. Called on a thread of its own.
    std::function<Result<std::unique_ptr<session::Session>>(const session::ConnectPlan&,
                                                            const session::Progress&)>
        connect{};

    /// Protocols that a real cluster can be started of.
    std::vector<connecting::Offer> offers{};
};

} // namespace lightcone::window
