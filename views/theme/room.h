#pragma once

#include <QDialog>
#include <QLayout>

#include <algorithm>

namespace lightcone::theme {

/// A sentence that takes more lines than the one before makes its dialog higher, not the fields
/// above it flatter.
inline void makeRoom(QDialog& dialog)
{
    if (dialog.isVisible()) {
        dialog.layout()->activate();
        const auto wanted = dialog.layout()->totalHeightForWidth(dialog.width());
        dialog.resize(dialog.width(), std::max(dialog.height(), wanted));
    }
}

} // namespace lightcone::theme
