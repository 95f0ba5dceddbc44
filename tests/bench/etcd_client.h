#pragma once

#include "engine/core/bytes.h"
#include "engine/live/address.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

/// Just enough of gRPC over HTTP/2 (RFC 9113, RFC 7541) to put keys into etcd as cheaply as can be:
/// many calls under way on one connection, nothing decoded that is not needed. The two measured
/// programs are asked through one kind of client.
namespace lightcone::bench {

class EtcdConnection : public std::enable_shared_from_this<EtcdConnection>
{
public:
    /// The reply's bytes; empty when there was none: an error, or the connection is gone.
    using OnReply = std::function<void(BytesView reply)>;

    explicit EtcdConnection(boost::asio::io_context& io)
        : m_socket(io)
    {
    }

    /// Throws when nobody is there.
    void open(const live::Address& address)
    {
        namespace ip = boost::asio::ip;
        m_socket.connect({ip::make_address(address.host), address.port});
        m_socket.set_option(ip::tcp::no_delay(true));
        m_authority = address.text();
        m_out = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        // No push; windows so large that the server need never wait for us.
        Bytes settings;
        setting(settings, 2, 0);
        setting(settings, 4, largestWindow);
        frame(typeSettings, 0, 0, settings);
        Bytes window;
        big(window, largestWindow - firstWindow, 4);
        frame(typeWindowUpdate, 0, 0, window);
        flush();
        read();
    }

    [[nodiscard]] bool isOpen() const { return !m_closed; }

    void call(const std::string& path, BytesView message, OnReply onReply)
    {
        if (m_closed) {
            onReply({});
            return;
        }
        const auto stream = m_nextStream;
        m_nextStream += 2;
        m_calls[stream] = {std::move(onReply), {}};
        Bytes headers = "\x83\x86"; // POST, http
        literal(headers, "\x04", path); // :path
        literal(headers, "\x01", m_authority);
        literal(headers, "\x0F\x10", "application/grpc"); // content-type
        headers.push_back('\0'); // a header with a name of its own
        text(headers, "te");
        text(headers, "trailers");
        frame(typeHeaders, flagEndHeaders, stream, headers);
        Bytes data;
        data.push_back('\0'); // not compressed
        big(data, message.size(), 4);
        data += message;
        m_unsent.emplace_back(stream, std::move(data));
        sendData();
        flush();
    }

    void close()
    {
        boost::system::error_code ignored;
        m_socket.close(ignored);
        gone();
    }

    // Protocol buffers.

    static void field(Bytes& out, unsigned number, BytesView bytes)
    {
        ByteWriter writer(out);
        writer.varint(number << 3 | 2);
        writer.text(bytes);
    }

    static Bytes put(BytesView key, BytesView value)
    {
        Bytes message;
        field(message, 1, key);
        field(message, 2, value);
        return message;
    }

    /// Whether a Maintenance.Status says that who gave it leads.
    static bool leads(BytesView status)
    {
        std::uint64_t self = 0;
        std::uint64_t leader = 0;
        eachField(status, [&](std::uint64_t number, std::uint64_t value, BytesView bytes) {
            if (number == 1) {
                eachField(bytes, [&](std::uint64_t inner, std::uint64_t member, BytesView) {
                    self = inner == 2 ? member : self;
                });
            } else if (number == 4) {
                leader = value;
            }
        });
        return self != 0 && self == leader;
    }

private:
    static constexpr std::uint32_t largestWindow = 0x7FFFFFFF;
    static constexpr std::uint32_t firstWindow = 65535;
    static constexpr std::uint8_t typeData = 0;
    static constexpr std::uint8_t typeHeaders = 1;
    static constexpr std::uint8_t typeReset = 3;
    static constexpr std::uint8_t typeSettings = 4;
    static constexpr std::uint8_t typePing = 6;
    static constexpr std::uint8_t typeGoAway = 7;
    static constexpr std::uint8_t typeWindowUpdate = 8;
    static constexpr std::uint8_t flagEndStream = 1;
    static constexpr std::uint8_t flagAck = 1;
    static constexpr std::uint8_t flagEndHeaders = 4;
    static constexpr std::size_t frameHead = 9;

    struct Call
    {
        OnReply onReply;
        Bytes reply;
    };

    template <class Each>
    static void eachField(BytesView message, Each each)
    {
        ByteReader reader(message);
        while (reader.ok() && !reader.atEnd()) {
            const auto tag = reader.varint();
            const auto isText = (tag & 7) == 2;
            const auto value = isText ? 0 : reader.varint();
            each(tag >> 3, value, isText ? reader.text() : BytesView{});
        }
    }

    static void big(Bytes& out, std::uint64_t value, int bytes)
    {
        for (int i = bytes - 1; i >= 0; --i) {
            out.push_back(static_cast<char>(value >> (8 * i)));
        }
    }

    static std::uint32_t big(BytesView bytes)
    {
        std::uint32_t value = 0;
        for (const char c : bytes) {
            value = value << 8 | static_cast<std::uint8_t>(c);
        }
        return value;
    }

    static void setting(Bytes& out, std::uint16_t id, std::uint32_t value)
    {
        big(out, id, 2);
        big(out, value, 4);
    }

    /// Below 127 bytes, not Huffman-coded.
    static void text(Bytes& out, BytesView value)
    {
        out.push_back(static_cast<char>(value.size()));
        out += value;
    }

    static void literal(Bytes& out, BytesView name, BytesView value)
    {
        out += name;
        text(out, value);
    }

    void frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, BytesView body)
    {
        big(m_out, body.size(), 3);
        m_out.push_back(static_cast<char>(type));
        m_out.push_back(static_cast<char>(flags));
        big(m_out, stream, 4);
        m_out += body;
    }

    void sendData()
    {
        while (!m_unsent.empty() && m_unsent.front().second.size() <= m_window) {
            const auto& [stream, data] = m_unsent.front();
            m_window -= data.size();
            frame(typeData, flagEndStream, stream, data);
            m_unsent.pop_front();
        }
    }

    void flush()
    {
        if (m_writing || m_out.empty() || m_closed) {
            return;
        }
        m_writing = true;
        m_sent.swap(m_out);
        m_out.clear();
        boost::asio::async_write(
            m_socket, boost::asio::buffer(m_sent),
            [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                self->m_writing = false;
                if (error) {
                    self->gone();
                } else {
                    self->flush();
                }
            });
    }

    void read()
    {
        m_socket.async_read_some(
            boost::asio::buffer(m_chunk),
            [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
                if (error) {
                    self->gone();
                    return;
                }
                self->m_in.append(self->m_chunk.data(), size);
                self->takeFrames();
                if (!self->m_closed) {
                    self->flush();
                    self->read();
                }
            });
    }

    void takeFrames()
    {
        std::size_t at = 0;
        while (!m_closed && m_in.size() - at >= frameHead) {
            const auto head = BytesView(m_in).substr(at, frameHead);
            const auto size = big(head.substr(0, 3));
            if (m_in.size() - at - frameHead < size) {
                break;
            }
            take(static_cast<std::uint8_t>(head[3]), static_cast<std::uint8_t>(head[4]),
                 big(head.substr(5)) & largestWindow, BytesView(m_in).substr(at + frameHead, size));
            at += frameHead + size;
        }
        m_in.erase(0, at);
    }

    void take(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, BytesView body)
    {
        const auto call = m_calls.find(stream);
        switch (type) {
        case typeData:
            if (call != m_calls.end()) {
                call->second.reply += body;
            }
            break;
        case typeSettings:
            if ((flags & flagAck) == 0) {
                frame(typeSettings, flagAck, 0, {});
            }
            return;
        case typePing:
            if ((flags & flagAck) == 0) {
                frame(typePing, flagAck, 0, body);
            }
            return;
        case typeWindowUpdate:
            if (stream == 0) {
                m_window += big(body);
                sendData();
            }
            return;
        case typeGoAway:
            close();
            return;
        default:
            break;
        }
        const bool over = type == typeReset
            || ((type == typeData || type == typeHeaders) && (flags & flagEndStream) != 0);
        if (over && call != m_calls.end()) {
            const auto ended = std::move(call->second);
            m_calls.erase(call);
            ended.onReply(type == typeReset || ended.reply.size() < 5
                              ? BytesView{}
                              : BytesView(ended.reply).substr(5));
        }
    }

    void gone()
    {
        if (std::exchange(m_closed, true)) {
            return;
        }
        const auto calls = std::exchange(m_calls, {});
        for (const auto& [stream, call] : calls) {
            call.onReply({});
        }
    }

    boost::asio::ip::tcp::socket m_socket;
    std::string m_authority;
    Bytes m_out;
    Bytes m_sent;
    Bytes m_in;
    std::array<char, 65536> m_chunk{};
    std::unordered_map<std::uint32_t, Call> m_calls;
    std::deque<std::pair<std::uint32_t, Bytes>> m_unsent;
    std::size_t m_window = firstWindow; ///< what the server still takes
    std::uint32_t m_nextStream = 1;
    bool m_writing = false;
    bool m_closed = false;
};

} // namespace lightcone::bench
