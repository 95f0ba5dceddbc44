#include "engine/live/control.h"

#include "engine/describe/described.h"

namespace lightcone::live {

namespace {

template <class Held>
Result<Held> readWhole(BytesView body, std::string_view what)
{
    auto read = describe::fromBytes<Held>(body);
    if (!read) {
        return fail("a Control frame does not hold " + std::string(what) + ": "
                    + read.error().message);
    }
    return read;
}

} // namespace

Bytes toBody(const Wish& wish)
{
    return describe::toBytes(wish);
}

Bytes toBody(const Word& word)
{
    return describe::toBytes(word);
}

Result<Wish> readWish(BytesView body)
{
    return readWhole<Wish>(body, "what an explorer says");
}

Result<Word> readWord(BytesView body)
{
    return readWhole<Word>(body, "what a node says");
}

} // namespace lightcone::live
