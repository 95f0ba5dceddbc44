#pragma once

#include "engine/core/error.h"
#include "engine/kv/store.h"

#include <string>
#include <string_view>

namespace lightcone::kv {

/// A store as a text that goes from node to node in pieces: two hexadecimal digits a byte, so that
/// a piece can be looked at anywhere.
std::string imageOf(const Store&);

/// The store of an image; an error when it is damaged.
lightcone::Result<Store> storeFrom(std::string_view image);

} // namespace lightcone::kv
