#include "views/theme/picture_file.h"

#include <QFile>
#include <QFileInfo>
#include <QImage>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSvgGenerator>

namespace lightcone::theme {
namespace {

constexpr double sharpness = 2;
constexpr double dotsPerInch = 96;
constexpr double pointsPerInch = 72;

Error cannotWrite(const QString& path)
{
    return fail((path + QStringLiteral(" cannot be written.")).toStdString());
}

Result<void> writePng(const QString& path, QSizeF size, const Paint& paint)
{
    QImage image((size * sharpness).toSize(), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(sharpness);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    paint(painter);
    painter.end();
    return image.save(path) ? Result<void>() : cannotWrite(path);
}

Result<void> writePdf(const QString& path, QSizeF size, const Paint& paint)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        return cannotWrite(path);
    }
    QPdfWriter writer(&file);
    writer.setPageSize(
        QPageSize(size * pointsPerInch / dotsPerInch, QPageSize::Point, {}, QPageSize::ExactMatch));
    writer.setPageMargins({});
    writer.setResolution(static_cast<int>(dotsPerInch));
    QPainter painter(&writer);
    paint(painter);
    return painter.end() ? Result<void>() : cannotWrite(path);
}

Result<void> writeSvg(const QString& path, QSizeF size, const Paint& paint)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        return cannotWrite(path);
    }
    QSvgGenerator generator;
    generator.setOutputDevice(&file);
    generator.setSize(size.toSize());
    generator.setViewBox(QRectF(QPointF(), size));
    generator.setResolution(static_cast<int>(dotsPerInch));
    generator.setTitle(QStringLiteral("Lightcone"));
    QPainter painter(&generator);
    paint(painter);
    return painter.end() ? Result<void>() : cannotWrite(path);
}

} // namespace

bool isPictureEnding(const QString& ending)
{
    return ending == QStringLiteral("svg") || ending == QStringLiteral("png")
        || ending == QStringLiteral("pdf");
}

Result<void> writePicture(const QString& path, QSizeF size, const Paint& paint)
{
    const auto ending = QFileInfo(path).suffix().toLower();
    if (ending == QStringLiteral("png")) {
        return writePng(path, size, paint);
    }
    if (ending == QStringLiteral("pdf")) {
        return writePdf(path, size, paint);
    }
    if (ending == QStringLiteral("svg")) {
        return writeSvg(path, size, paint);
    }
    return fail(path.toStdString()
                + " is no picture that can be written: its name ends in .png, .pdf or .svg.");
}

} // namespace lightcone::theme
