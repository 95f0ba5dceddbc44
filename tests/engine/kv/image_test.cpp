#include "engine/kv/image.h"

#include <gtest/gtest.h>

namespace lightcone::kv {
namespace {

TEST(Image, IsReadBackAndGarbageIsAnError)
{
    Store store(7);
    for (std::uint32_t i = 1; i <= 5; ++i) {
        store.apply({clientId(i), i}, Put{"k" + std::to_string(i), "välue\n"});
    }
    const auto image = imageOf(store);
    EXPECT_EQ(storeFrom(image).value(), store);
    EXPECT_EQ(storeFrom(imageOf(Store())).value(), Store());
    EXPECT_FALSE(storeFrom("").has_value());
    EXPECT_FALSE(storeFrom("0").has_value());
    EXPECT_FALSE(storeFrom("zz").has_value());
    EXPECT_FALSE(storeFrom(image + "00").has_value());
    EXPECT_FALSE(storeFrom(image.substr(2)).has_value());
}

} // namespace
} // namespace lightcone::kv
