#include "views/window/desktop.h"

#include "views/theme/picture_file.h"

#include <QApplication>
#include <QDeadlineTimer>
#include <QFileInfo>
#include <QLibraryInfo>
#include <QLocale>
#include <QPainter>
#include <QTimer>

#include <array>
#include <csignal>
#include <cstdio>

namespace lightcone::window {
namespace {

volatile std::sig_atomic_t interrupted = 0;

constexpr int interruptLook = 100; ///< milliseconds between looks for Ctrl+C
constexpr int longestRun = 120'000; ///< milliseconds of real time for a picture
constexpr int longestSettle = 10'000; ///< milliseconds for every view to have drawn the end
constexpr int settleTime = 400; ///< milliseconds for views to draw

/// Qt says these, also where its own translations are not installed.
[[maybe_unused]] constexpr std::array buttons{
    QT_TRANSLATE_NOOP("QPlatformTheme", "OK"),      QT_TRANSLATE_NOOP("QPlatformTheme", "Cancel"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "Close"),   QT_TRANSLATE_NOOP("QPlatformTheme", "&Yes"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "&No"),     QT_TRANSLATE_NOOP("QPlatformTheme", "Save"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "Discard"),
};

void tell(const QString& sentence)
{
    std::fprintf(stderr, "lightcone: %s\n", sentence.toUtf8().constData());
}

} // namespace

Desktop::Desktop(Ground ground, Wish wish, QObject* parent)
    : QObject(parent)
    , m_ground(std::move(ground))
    , m_wish(std::move(wish))
    , m_memory(m_wish.settings)
    , m_transport(m_cursor, m_run)
{
    connect(&m_cursor, &theme::Cursor::changed, &m_run, [this] { m_run.lookAt(m_cursor.event()); });
    m_theme.setMode(m_wish.mode.value_or(m_memory.mode()));
    m_theme.setReducedMotion(m_memory.reducedMotion());
    m_theme.applyTo(*qApp);
    m_transport.setPace(m_memory.pace(Transport::defaultPace));
    connect(&m_transport, &Transport::changed, this,
            [this] { m_memory.setPace(m_transport.pace()); });
    const auto remembered = m_memory.language();
    speak(!m_wish.language.isEmpty()  ? m_wish.language
              : !remembered.isEmpty() ? remembered
                                      : QLocale::system().name());
    makeWindow();
}

Desktop::~Desktop()
{
    m_window.reset();
}

void Desktop::speak(const QString& language)
{
    QCoreApplication::removeTranslator(&m_own);
    QCoreApplication::removeTranslator(&m_qt);
    const bool chinese = language.startsWith(QStringLiteral("zh"));
    QLocale::setDefault(chinese ? QLocale(QStringLiteral("zh_CN"))
                                : QLocale(QLocale::English, QLocale::UnitedStates));
    if (chinese
        && m_qt.load(QStringLiteral("qtbase_zh_CN"),
                     QLibraryInfo::path(QLibraryInfo::TranslationsPath))) {
        QCoreApplication::installTranslator(&m_qt);
    }
    // English has a file for its plurals.
    if (m_own.load(chinese ? QStringLiteral(":/translations/lightcone_zh_CN.qm")
                           : QStringLiteral(":/translations/lightcone_en.qm"))) {
        QCoreApplication::installTranslator(&m_own);
    }
}

void Desktop::makeWindow()
{
    const auto path = m_window ? m_window->path() : QString();
    const auto geometry = m_window ? m_window->saveGeometry() : QByteArray();
    auto* old = m_window.release();
    m_window = std::make_unique<MainWindow>(
        Shared{m_theme, m_cursor, m_run, m_transport, m_memory, m_ground});
    m_window->setPath(path);
    connect(m_window.get(), &MainWindow::languageChosen, this, [this](const QString& language) {
        m_memory.setLanguage(language);
        speak(language);
        // The menu that asked for it is still on its way out.
        QTimer::singleShot(0, this, [this] { makeWindow(); });
    });
    if (old != nullptr) {
        m_window->restoreGeometry(geometry);
        m_window->show();
        old->hide();
        old->deleteLater();
    }
}

QString Desktop::fileToOpen() const
{
    return m_wish.file.isEmpty() ? m_ground.first : QFileInfo(m_wish.file).absoluteFilePath();
}

int Desktop::run()
{
    if (!m_wish.picture.isEmpty()) {
        return drawPicture();
    }
    std::signal(SIGINT, [](int) { interrupted = 1; });
    std::signal(SIGTERM, [](int) { interrupted = 1; });
    QTimer look;
    connect(&look, &QTimer::timeout, this, [this] {
        if (interrupted != 0) {
            m_window->rememberLayout();
            QCoreApplication::exit(0);
        }
    });
    look.start(interruptLook);
    m_window->show();
    const auto file = fileToOpen();
    if (!file.isEmpty()) {
        QTimer::singleShot(0, m_window.get(), [this, file] {
            m_window->open(file);
            if (m_wish.at) {
                m_transport.goTo(EventId(*m_wish.at));
            }
        });
    }
    return QApplication::exec();
}

// Runs the file to its end, lets every view draw, and writes what the window looks like.
int Desktop::drawPicture()
{
    const auto file = fileToOpen();
    const QFileInfo out(m_wish.picture);
    if (!theme::isPictureEnding(out.suffix().toLower())) {
        tell(tr("%1 is no picture that can be written: its name ends in .png, .pdf or .svg.")
                 .arg(m_wish.picture));
        return 2;
    }
    auto opened = m_ground.openToEnd(file.toStdString());
    if (!opened) {
        tell(QString::fromStdString(opened.error().text()));
        return 2;
    }
    m_theme.setReducedMotion(true);
    m_window->resetLayout();
    m_window->setWindowState(Qt::WindowNoState);
    m_window->resize(m_wish.size);
    m_window->show();
    m_window->resetLayout();
    m_run.open(std::move(*opened));
    m_window->setPath(file);
    m_run.session().play({session::Pace::Kind::Unbounded, 1});
    const auto wait = [](int milliseconds, const auto& done) {
        const QDeadlineTimer deadline(milliseconds);
        while (!deadline.hasExpired() && !done()) {
            QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
        }
    };
    // A question of the scenario has nobody to answer it here: its first choice will do.
    // Answering lets the run go on by itself, so one that stands still has ended.
    std::size_t answered = 0;
    wait(longestRun, [this, &answered] {
        const auto snapshot = m_run.session().snapshot();
        if (snapshot.question) {
            if (snapshot.question->line != answered && !snapshot.question->choices.empty()) {
                answered = snapshot.question->line;
                m_run.session().answer(snapshot.question->choices.front());
            }
            return false;
        }
        return snapshot.finished || (!snapshot.running && m_run.events() > 0);
    });
    m_run.session().pause();
    wait(settleTime, [] { return false; });
    m_transport.goTo(EventId(m_wish.at.value_or(m_run.events())));
    m_window->frame();
    if (!m_cursor.node() && m_run.events() > 0) {
        for (auto id = m_cursor.event().value; id > 0; --id) {
            const auto& event = (*m_run.trace())[EventId(id)];
            if (trace::isStep(event)) {
                m_cursor.setNode(event.node);
                break;
            }
        }
    }
    wait(settleTime, [] { return false; });
    wait(longestSettle, [this] { return m_window->settled() && m_run.state() != nullptr; });
    wait(settleTime, [] { return false; });
    const auto written =
        theme::writePicture(m_wish.picture, m_window->size(), [this](QPainter& painter) {
            m_window->render(&painter, QPoint(), QRegion(),
                             QWidget::DrawWindowBackground | QWidget::DrawChildren);
        });
    if (!written) {
        tell(QString::fromStdString(written.error().text()));
        return 2;
    }
    return 0;
}

} // namespace lightcone::window
