// A type table from a stranger, a value of its last type, and a text read as that type. What can be
// read can be shown, written and read again.
#include "engine/core/check.h"
#include "engine/describe/diff.h"
#include "engine/describe/json.h"
#include "engine/describe/shape.h"
#include "engine/describe/text.h"
#include "engine/describe/value.h"
#include "tests/engine/describe/samples.h"

#include <cstddef>
#include <cstdint>

using namespace lightcone;
using namespace lightcone::describe;

namespace {

constexpr std::size_t longestText = 256;

void checkBytes(const Value& value)
{
    Bytes bytes;
    encode(value, bytes);
    const auto back = decodeValue(value.shape(), bytes);
    // Values without bytes may exceed the allowance of the fewer bytes that are left of them.
    if (back) {
        Bytes again;
        encode(*back, again);
        check(again == bytes, "bytes that come back");
    }
}

void checkValue(const Value& value)
{
    checkBytes(value);
    (void)toText(value);
    (void)brief(value);
    (void)toJson(value);
    check(diff(value, value).empty() || toText(value).find("nan") != std::string::npos,
          "no difference between a value and itself");
    (void)diff(zero(value.shape()), value);
}

/// Of a type that a program could have, the text says everything.
void checkTyped(BytesView bytes)
{
    const auto value = decodeValue(shapeOf<samples::Everything>(), bytes);
    if (!value) {
        return;
    }
    const auto text = toText(*value);
    const auto back = parse(value->shape(), text);
    check(back.has_value(), "a text that can be read");
    check(*back == *value || text.find("nan") != std::string::npos, "a text that says everything");
    (void)fromValue<samples::Everything>(*value);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const BytesView bytes(reinterpret_cast<const char*>(data), size);
    checkTyped(bytes);
    ByteReader reader(bytes);
    const auto tableBytes = reader.text();
    const auto words = reader.text().substr(0, longestText);
    const auto table = ShapeTable::decode(tableBytes);
    if (!reader.ok() || !table || table->shapes().empty()) {
        return 0;
    }
    check(ShapeTable::decode(table->encode()).has_value(), "a table that comes back");
    const auto shape = table->shapes().back();
    if (const auto value = decodeValue(shape, reader.raw(reader.left()))) {
        checkValue(*value);
    }
    if (const auto value = parse(shape, words)) {
        checkValue(*value);
    } else {
        check(!value.error().message.empty() && value.error().column <= words.size() + 1,
              "an error that points into the text");
    }
    return 0;
}
