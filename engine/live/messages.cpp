#include "engine/live/messages.h"

#include "engine/core/hash.h"
#include "engine/describe/described.h"

namespace lightcone::live {

namespace {

// So that a stranger who speaks something else is told apart from a damaged Hello.
constexpr BytesView magic = "LIGHTCONE";

/// The described members; what a newer build says behind them is passed over.
template <class T>
Result<T> readOpenEnded(BytesView bytes, std::string_view what)
{
    ByteReader reader(bytes);
    auto value = describe::decode<T>(reader);
    if (!reader.ok()) {
        return fail("expected " + std::string(what) + ", found bytes that stop making sense at "
                    + std::to_string(reader.position()));
    }
    return value;
}

template <class Header>
Result<Headed<Header>> readHeaded(BytesView body, std::string_view what)
{
    ByteReader reader(body);
    Headed<Header> read{describe::decode<Header>(reader), {}};
    if (!reader.ok()) {
        return fail("expected " + std::string(what) + ", found bytes that stop making sense at "
                    + std::to_string(reader.position()));
    }
    read.rest = body.substr(reader.position());
    return read;
}

template <class T>
Bytes withMagic(const T& value)
{
    Bytes out(magic);
    ByteWriter writer(out);
    describe::encode(value, writer);
    return out;
}

template <class T>
void appendTo(const T& value, Bytes& out)
{
    ByteWriter writer(out);
    describe::encode(value, writer);
}

} // namespace

std::uint64_t shapesOf(const node::Card& card)
{
    Hasher hasher;
    hasher.add(card.id);
    for (const auto& shape : {card.state, card.message, card.request, card.reply, card.write}) {
        hasher.add(describe::fingerprint(*shape));
    }
    // 0 says that it is not known.
    return hasher.value() == 0 ? 1 : hasher.value();
}

Bytes toBody(const Hello& hello)
{
    return withMagic(hello);
}

Bytes toBody(const Welcome& welcome)
{
    return withMagic(welcome);
}

Bytes toBody(const Rejected& rejected)
{
    return describe::toBytes(rejected);
}

Result<Hello> readHello(BytesView body)
{
    if (!body.starts_with(magic)) {
        return fail("expected a Hello, which begins with LIGHTCONE");
    }
    return readOpenEnded<Hello>(body.substr(magic.size()), "a Hello");
}

Result<Welcome> readWelcome(BytesView body)
{
    if (!body.starts_with(magic)) {
        return fail("expected a Welcome, which begins with LIGHTCONE");
    }
    return readOpenEnded<Welcome>(body.substr(magic.size()), "a Welcome");
}

Result<Rejected> readRejected(BytesView body)
{
    return readOpenEnded<Rejected>(body, "a Rejected");
}

Result<Headed<MessageHeader>> readMessage(BytesView body)
{
    return readHeaded<MessageHeader>(body, "a message");
}

Result<Headed<RequestHeader>> readRequest(BytesView body)
{
    auto read = readHeaded<RequestHeader>(body, "a request");
    if (read && (!isClient(read->header.request.client) || read->header.request.sequence == 0)) {
        return fail("expected a request of a client with an id from " + std::to_string(firstClient)
                    + " on and a sequence from 1 on");
    }
    return read;
}

Result<Headed<ReplyHeader>> readReply(BytesView body)
{
    return readHeaded<ReplyHeader>(body, "a reply");
}

void append(const MessageHeader& header, Bytes& out)
{
    appendTo(header, out);
}

void append(const RequestHeader& header, Bytes& out)
{
    appendTo(header, out);
}

void append(const ReplyHeader& header, Bytes& out)
{
    appendTo(header, out);
}

} // namespace lightcone::live
