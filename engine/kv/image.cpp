#include "engine/kv/image.h"

#include "engine/describe/described.h"

namespace lightcone::kv {

std::string imageOf(const Store& store)
{
    constexpr std::string_view digits = "0123456789abcdef";
    const auto bytes = describe::toBytes(store);
    std::string image;
    image.reserve(2 * bytes.size());
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        image.push_back(digits[byte >> 4]);
        image.push_back(digits[byte & 15]);
    }
    return image;
}

lightcone::Result<Store> storeFrom(std::string_view image)
{
    const auto valueOf = [](char digit) {
        return digit >= '0' && digit <= '9' ? digit - '0'
            : digit >= 'a' && digit <= 'f'  ? digit - 'a' + 10
                                            : -1;
    };
    if (image.size() % 2 != 0) {
        return fail("a snapshot's data has an odd number of digits");
    }
    Bytes bytes;
    bytes.reserve(image.size() / 2);
    for (std::size_t i = 0; i < image.size(); i += 2) {
        const auto high = valueOf(image[i]);
        const auto low = valueOf(image[i + 1]);
        if (high < 0 || low < 0) {
            return fail("a snapshot's data holds something else than hexadecimal digits");
        }
        bytes.push_back(static_cast<char>(high * 16 + low));
    }
    return describe::fromBytes<Store>(bytes);
}

} // namespace lightcone::kv
