// Bodies of frames, from anybody. What can be read can be written, and reads the same again.
#include "engine/core/check.h"
#include "engine/describe/described.h"
#include "engine/live/messages.h"
#include "engine/node/catalog.h"

#include <cstddef>
#include <cstdint>

using namespace lightcone;
using namespace lightcone::live;

namespace {

template <class Read>
void greeting(BytesView body, Read read)
{
    const auto value = read(body);
    if (!value) {
        check(!value.error().message.empty(), "an error that says something");
        return;
    }
    const auto again = read(toBody(*value));
    check(again.has_value() && toBody(*again) == toBody(*value), "a greeting that comes back");
}

template <class Read>
void headed(BytesView body, Read read)
{
    const auto value = read(body);
    if (!value) {
        check(!value.error().message.empty(), "an error that says something");
        return;
    }
    Bytes out;
    append(value->header, out);
    out += value->rest;
    const auto again = read(out);
    check(again.has_value() && again->rest == value->rest, "a header that comes back");
    // As a node reads what is behind it.
    for (const auto* protocol : node::catalog()) {
        for (const auto role :
             {node::PayloadRole::Message, node::PayloadRole::Request, node::PayloadRole::Reply}) {
            (void)protocol->payload(role, value->rest);
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const BytesView body(reinterpret_cast<const char*>(data), size);
    greeting(body, readHello);
    greeting(body, readWelcome);
    greeting(body, readRejected);
    headed(body, readMessage);
    headed(body, readRequest);
    headed(body, readReply);
    return 0;
}
