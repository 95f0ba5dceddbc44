#include "engine/live/certificates.h"
#include "engine/live/tls.h"
#include "engine/live/transport.h"
#include "tests/engine/live/loopback.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// Who is let in at a port, and what everybody else is told.
namespace lightcone::live {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using testing::Journal;
using testing::TemporaryDirectory;

/// Credentials in files, as nodes get them.
class Wallet
{
public:
    Wallet() { authority = makeAuthority("test").value(); }

    TlsFiles files(const Subject& subject, const Validity& validity = {},
                   const Credentials* by = nullptr)
    {
        const auto credentials = certify(by == nullptr ? authority : *by, subject, validity);
        const auto base = directory.path / std::to_string(++m_count);
        const auto write = [&](const char* end, const std::string& text) {
            const auto path = base.string() + end;
            std::ofstream(path) << text;
            return path;
        };
        return {write("-authority.pem", authority.certificate),
                write("-certificate.pem", credentials->certificate),
                write("-key.pem", credentials->key)};
    }

    /// Without the checks that refuse what this test wants to show.
    TlsPtr unchecked(const TlsFiles& files)
    {
        namespace ssl = boost::asio::ssl;
        auto tls = std::make_shared<Tls>(Tls{ssl::context(ssl::context::tls), {}, {}, "test"});
        tls->context.load_verify_file(files.authority);
        tls->context.use_certificate_chain_file(files.certificate);
        tls->context.use_private_key_file(files.key, ssl::context::pem);
        tls->context.set_verify_mode(ssl::verify_peer);
        return tls;
    }

    TemporaryDirectory directory;
    Credentials authority;

private:
    int m_count = 0;
};

/// Says yes to everybody, and echoes.
class Echo final : public Porter
{
public:
    std::variant<Entrance, Rejected> onHello(const Hello& hello,
                                             const ConnectionPtr& connection) override
    {
        ++hellos;
        visitor = connection->visitor();
        if (hello.purpose == Purpose::Control && visitor.role == Role::Client) {
            return Rejected{Rejection::Role, "not for clients"};
        }
        return Entrance{Welcome{}, std::make_shared<Back>(connection)};
    }

    int hellos = 0;
    Visitor visitor;

private:
    class Back final : public Receiver
    {
    public:
        explicit Back(ConnectionPtr connection)
            : m_connection(std::move(connection))
        {
        }
        Result<void> onFrame(FrameKind kind, BytesView body) override
        {
            if (body == "misfit") {
                return fail("that does not fit");
            }
            m_connection->send(kind, body);
            return {};
        }
        void onClosed(const std::string&) override { m_connection.reset(); }

    private:
        ConnectionPtr m_connection;
    };
};

/// What became of one visit.
struct TlsVisit
{
    std::string echo;
    std::string why; ///< why it ended or did not begin
    std::optional<Rejection> rejected;
};

class Port : public ::testing::Test
{
protected:
    void open(TlsPtr tls, std::string token = {}, TransportSettings settings = {})
    {
        Listener::Plan plan;
        plan.address = {"127.0.0.1", 0};
        plan.tls = std::move(tls);
        plan.token = std::move(token);
        plan.name = "test port";
        plan.settings = settings;
        listener = Listener::open(io.get_executor(), plan, echo, journal.log()).value();
    }

    TlsPtr serverTls() { return openTls(wallet.files({"n1", Role::Peer, "test"})).value(); }

    /// Comes in, says something, hears it back.
    TlsVisit visit(const TlsPtr& tls, const std::string& say = "hello", Hello hello = clientHello(),
                   const std::string& name = {})
    {
        struct Ear final : Receiver
        {
            Result<void> onFrame(FrameKind, BytesView body) override
            {
                visit.echo = Bytes(body);
                over = true;
                return {};
            }
            void onClosed(const std::string& why) override
            {
                visit.why = why;
                over = true;
            }
            TlsVisit visit;
            bool over = false;
        };
        const auto ear = std::make_shared<Ear>();
        Dial::Plan plan;
        plan.address = listener->address();
        plan.tls = tls;
        plan.hello = std::move(hello);
        plan.name = name;
        ConnectionPtr open;
        const auto dial = Dial::start(
            io.get_executor(), plan,
            [&](const ConnectionPtr& connection, const Welcome&) {
                open = connection;
                connection->send(FrameKind::Request, say);
                return ear;
            },
            [&](const std::string& why, std::optional<Rejection> rejected) {
                ear->visit.why = why;
                ear->visit.rejected = rejected;
                ear->over = true;
            });
        EXPECT_TRUE(testing::runUntil(io, [&] { return ear->over; }));
        if (open) {
            open->close("done");
        }
        return ear->visit;
    }

    static Hello clientHello()
    {
        Hello hello;
        hello.purpose = Purpose::Client;
        return hello;
    }

    /// Says these bytes on a bare socket and hears what comes until the other side hangs up.
    std::string talk(const std::string& bytes, std::chrono::milliseconds deadline = 10s)
    {
        tcp::socket socket(io);
        socket.connect({boost::asio::ip::make_address("127.0.0.1"), listener->address().port});
        boost::asio::write(socket, boost::asio::buffer(bytes));
        std::string heard;
        bool over = false;
        boost::asio::async_read(
            socket, boost::asio::dynamic_buffer(heard),
            [&](const boost::system::error_code&, std::size_t) { over = true; });
        EXPECT_TRUE(testing::runUntil(
            io, [&] { return over; }, deadline));
        return heard;
    }

    /// The port still does its work.
    void expectUnharmed(const TlsPtr& tls)
    {
        EXPECT_EQ(visit(tls, "still there").echo, "still there");
    }

    boost::asio::io_context io;
    Wallet wallet;
    Echo echo;
    Journal journal;
    std::unique_ptr<Listener> listener;
};

TEST_F(Port, LetsInWhoHasACertificateOfTheClustersAuthority)
{
    open(serverTls());
    for (const auto role : {Role::Peer, Role::Client, Role::Observer, Role::Operator}) {
        const auto tls = openTls(wallet.files({"somebody", role, "test"})).value();
        EXPECT_EQ(visit(tls).echo, "hello");
        EXPECT_EQ(echo.visitor.role, role);
        EXPECT_EQ(echo.visitor.name, "somebody");
        EXPECT_TRUE(echo.visitor.proved);
    }
}

TEST_F(Port, RefusesAnotherAuthoritysCertificate)
{
    open(serverTls());
    const auto stranger = makeAuthority("test").value();
    auto files = wallet.files({"n2", Role::Peer, "test"}, {}, &stranger);
    const auto heard = visit(wallet.unchecked(files));
    EXPECT_THAT(heard.why, HasSubstr("does not take our certificate"));
    EXPECT_THAT(heard.why, HasSubstr("authority"));
    EXPECT_TRUE(journal.has("its certificate is not of this cluster's authority"))
        << journal.text();
    EXPECT_EQ(echo.hellos, 0);
    expectUnharmed(openTls(wallet.files({"c", Role::Client, "test"})).value());
}

TEST_F(Port, RefusesAnExpiredCertificateAndOneThatIsNotYetValid)
{
    open(serverTls());
    auto files = wallet.files({"n2", Role::Peer, "test"}, {-48h, -24h});
    EXPECT_THAT(visit(wallet.unchecked(files)).why, HasSubstr("it has expired"));
    EXPECT_TRUE(journal.has("its certificate has expired")) << journal.text();
    files = wallet.files({"n2", Role::Peer, "test"}, {24h, 48h});
    EXPECT_THAT(visit(wallet.unchecked(files)).why, HasSubstr("does not take our certificate"));
    EXPECT_TRUE(journal.has("its certificate is not valid yet")) << journal.text();
    expectUnharmed(openTls(wallet.files({"c", Role::Client, "test"})).value());
}

TEST_F(Port, RefusesWhoShowsNoCertificate)
{
    open(serverTls());
    namespace ssl = boost::asio::ssl;
    auto tls = std::make_shared<Tls>(Tls{ssl::context(ssl::context::tls), {}, {}, "test"});
    tls->context.set_verify_mode(ssl::verify_none);
    EXPECT_THAT(visit(tls).why, HasSubstr("asks for a certificate"));
    EXPECT_TRUE(journal.has("it showed no certificate")) << journal.text();
}

TEST_F(Port, RefusesACertificateWithoutARoleOrOfAnotherCluster)
{
    open(serverTls());
    auto tls = openTls(wallet.files({"c", Role::Client, "other"})).value();
    tls->cluster = "test"; // so that this side does not mind
    EXPECT_NE(visit(tls).why, "");
    EXPECT_TRUE(journal.has("its certificate is of cluster 'other', not of 'test'"))
        << journal.text();
    EXPECT_EQ(echo.hellos, 0);
}

TEST_F(Port, ARoleThatMayNotIsToldSo)
{
    open(serverTls());
    auto hello = clientHello();
    hello.purpose = Purpose::Control;
    const auto tls = openTls(wallet.files({"c", Role::Client, "test"})).value();
    const auto heard = visit(tls, "hello", hello);
    EXPECT_EQ(heard.rejected, Rejection::Role);
    EXPECT_THAT(heard.why, HasSubstr("not for clients"));
}

TEST_F(Port, PlainTextAgainstTlsAndTlsAgainstPlainText)
{
    open(serverTls());
    const auto tls = openTls(wallet.files({"c", Role::Client, "test"})).value();
    EXPECT_NE(visit(nullptr).why, "");
    EXPECT_TRUE(journal.has("it speaks plain text, and TLS was expected")) << journal.text();
    talk("GET / HTTP/1.1\r\n\r\n");
    expectUnharmed(tls);
    open(nullptr);
    EXPECT_THAT(visit(tls).why, HasSubstr("it speaks plain text, and TLS was expected"));
    EXPECT_TRUE(journal.has("it speaks TLS, and this port does not")) << journal.text();
    expectUnharmed(nullptr);
}

TEST_F(Port, TheOneWhoDialsLooksAtTheCertificateToo)
{
    const auto mine = openTls(wallet.files({"c", Role::Client, "test"})).value();
    open(serverTls());
    EXPECT_THAT(visit(mine, "hello", clientHello(), "n2").why,
                HasSubstr("the certificate there is of 'n1', not of 'n2'"));
    EXPECT_EQ(visit(mine, "hello", clientHello(), "n1").echo, "hello");
    open(openTls(wallet.files({"o", Role::Observer, "test"})).value());
    EXPECT_THAT(visit(mine).why, HasSubstr("is not a node's: its role is observer"));
    const auto stranger = makeAuthority("test").value();
    open(wallet.unchecked(wallet.files({"n1", Role::Peer, "test"}, {}, &stranger)));
    EXPECT_THAT(visit(mine).why, HasSubstr("its certificate is not of this cluster's authority"));
}

TEST_F(Port, WantsTheTokenWhereThereIsOne)
{
    open(nullptr, "open sesame");
    auto hello = clientHello();
    auto heard = visit(nullptr, "hello", hello);
    EXPECT_EQ(heard.rejected, Rejection::Token);
    EXPECT_THAT(heard.why, HasSubstr("asks for a token"));
    for (const auto* wrong : {"open sesam", "open sesame!", "xpen sesame", "o"}) {
        hello.token = wrong;
        heard = visit(nullptr, "hello", hello);
        EXPECT_EQ(heard.rejected, Rejection::Token) << wrong;
        EXPECT_THAT(heard.why, HasSubstr("not this node's"));
    }
    EXPECT_EQ(echo.hellos, 0);
    hello.token = "open sesame";
    EXPECT_EQ(visit(nullptr, "hello", hello).echo, "hello");
    EXPECT_EQ(echo.visitor.name, "token");
}

TEST_F(Port, DoesNotListenBeyondLoopbackWithoutTls)
{
    Listener::Plan plan;
    plan.address = {"0.0.0.0", 0};
    plan.name = "peer port";
    const auto refused = Listener::open(io.get_executor(), plan, echo, {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message,
                HasSubstr("the peer port would listen on 0.0.0.0:0 without TLS"));
    plan.tls = serverTls();
    EXPECT_TRUE(Listener::open(io.get_executor(), plan, echo, {}));
}

TEST_F(Port, SaysThatItIsTaken)
{
    open(nullptr);
    Listener::Plan plan;
    plan.address = listener->address();
    plan.name = "peer port";
    const auto refused = Listener::open(io.get_executor(), plan, echo, {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("cannot listen on 127.0.0.1:"));
}

TEST_F(Port, GarbageAndOversizedFramesCostTheirConnectionAndNothingElse)
{
    open(nullptr);
    EXPECT_THAT(talk("\xFF\xFF\xFF\x7F garbage"), HasSubstr("expected a frame of at most 1024"));
    EXPECT_THAT(talk(std::string(100'000, '\x01')), HasSubstr("at most 1024"));
    EXPECT_THAT(talk(std::string("\x02\0\0\0\x01z", 6)), HasSubstr("expected a Hello"));
    Bytes hello;
    appendFrame(FrameKind::Hello, toBody(clientHello()), {}, hello);
    EXPECT_THAT(talk(hello + "\xFF\xFF\xFF\x7F"), HasSubstr("at most 33554432 bytes"));
    EXPECT_THAT(talk(hello + hello), HasSubstr("no second greeting"));
    Dice dice(3);
    for (int i = 0; i < 30; ++i) {
        std::string noise(static_cast<std::size_t>(dice.between(1, 3000)), ' ');
        std::generate(noise.begin(), noise.end(), [&] { return static_cast<char>(dice.next()); });
        // Enough that it is a mistake and not just a beginning.
        noise[3] = '\x7F';
        EXPECT_NE(talk(noise), "");
    }
    EXPECT_EQ(visit(nullptr, "misfit").why, "it said: that does not fit");
    expectUnharmed(nullptr);
}

TEST_F(Port, NobodyIsWaitedForWhoDoesNotSpeak)
{
    TransportSettings settings;
    settings.link.greeting = 50ms;
    settings.handshake = 50ms;
    open(nullptr, {}, settings);
    EXPECT_EQ(talk(std::string("\x40\0\0", 3)), "");
    EXPECT_TRUE(journal.has("no greeting within 50 ms")) << journal.text();
    open(serverTls(), {}, settings);
    talk("\x16\x03\x01");
    EXPECT_TRUE(journal.has("no TLS handshake within 50 ms")) << journal.text();
}

TEST_F(Port, AnAddressHasOnlySoManyConnections)
{
    TransportSettings settings;
    settings.mostFromOneAddress = 3;
    open(nullptr, {}, settings);
    std::vector<tcp::socket> sockets;
    for (int i = 0; i < 3; ++i) {
        sockets.emplace_back(io).connect(
            {boost::asio::ip::make_address("127.0.0.1"), listener->address().port});
    }
    EXPECT_EQ(talk(""), "");
    EXPECT_TRUE(journal.has("there are 3 connections from this address already"));
    // Who leaves makes room.
    sockets.clear();
    EXPECT_TRUE(testing::runUntil(io, [&] { return visit(nullptr).echo == "hello"; }));
}

TEST(Certificates, OpeningTlsSaysWhatIsWrongWithTheFiles)
{
    Wallet wallet;
    const auto good = wallet.files({"n1", Role::Peer, "test"});
    const auto other = wallet.files({"n2", Role::Peer, "test"});
    const auto refused = [](const TlsFiles& files, const std::string& part) {
        const auto opened = openTls(files);
        ASSERT_FALSE(opened) << part;
        EXPECT_THAT(opened.error().text(), HasSubstr(part));
    };
    const auto opened = openTls(good);
    ASSERT_TRUE(opened);
    EXPECT_EQ((*opened)->role, Role::Peer);
    EXPECT_EQ((*opened)->name, "n1");
    EXPECT_EQ((*opened)->cluster, "test");
    refused({"/nowhere.pem", good.certificate, good.key},
            "/nowhere.pem: cannot read the authority's certificate");
    refused({good.authority, good.certificate, other.key}, "the key is not the certificate's");
    refused({good.authority, good.key, good.key}, "expected a certificate in PEM");
    refused({good.authority, good.certificate, good.certificate}, "expected a private key in PEM");
    refused({good.key, good.certificate, good.key}, "expected the authority's certificate in PEM");
    const auto stranger = makeAuthority("test").value();
    refused(wallet.files({"n1", Role::Peer, "test"}, {}, &stranger), "the certificate is no good");
    refused(wallet.files({"n1", Role::Peer, "test"}, {-48h, -24h}), "certificate has expired");
}

} // namespace
} // namespace lightcone::live
