#include "views/theme/icon.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmap>
#include <QSvgRenderer>

#include <utility>

namespace lightcone::theme {
namespace {

class TintedEngine final : public QIconEngine
{
public:
    TintedEngine(QByteArray svg, QColor colour, QColor disabled)
        : m_svg(std::move(svg))
        , m_colour(std::move(colour))
        , m_disabled(std::move(disabled))
    {
    }

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override
    {
        auto svg = m_svg;
        const auto& colour = mode == QIcon::Disabled ? m_disabled : m_colour;
        svg.replace("currentColor", colour.name().toLatin1());
        QSvgRenderer renderer(svg);
        renderer.setAspectRatioMode(Qt::KeepAspectRatio);
        renderer.render(painter, QRectF(rect));
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        if (size.isEmpty()) {
            return pixmap;
        }
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(0, 0), size), mode, state);
        return pixmap;
    }

    [[nodiscard]] QIconEngine* clone() const override { return new TintedEngine(*this); }

private:
    QByteArray m_svg;
    QColor m_colour;
    QColor m_disabled;
};

} // namespace

QIcon tintedIcon(const QString& path, const QColor& colour, const QColor& disabled)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    return QIcon(new TintedEngine(file.readAll(), colour, disabled));
}

} // namespace lightcone::theme
