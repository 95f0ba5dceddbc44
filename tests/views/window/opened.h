#pragma once

#include "tests/support/views/fake_session.h"
#include "views/window/main_window.h"

#include <QCoreApplication>
#include <QTemporaryDir>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace lightcone::window {

using testing_support::FakeSession;

/// A run that is open, with all that a window shares.
class Opened : public testing::Test
{
protected:
    Opened()
    {
        auto made = std::make_unique<FakeSession>();
        session = made.get();
        QObject::connect(&cursor, &theme::Cursor::changed, &run,
                         [this] { run.lookAt(cursor.event()); });
        run.open(std::move(made));
        settle();
    }

    void settle()
    {
        for (int i = 0; i < 6; ++i) {
            run.soon();
            QCoreApplication::processEvents();
        }
    }

    [[nodiscard]] std::string last() const
    {
        return session->log.empty() ? "" : session->log.back();
    }

    QTemporaryDir folder;
    theme::Theme theme;
    theme::Cursor cursor;
    run::RunView run;
    Transport transport{cursor, run};
    Memory memory{folder.filePath(QStringLiteral("settings.ini"))};
    Ground ground{{}, [](const QString&) { return std::vector<library::Shelf>(); }, {}, {}};
    FakeSession* session = nullptr;
};

} // namespace lightcone::window
