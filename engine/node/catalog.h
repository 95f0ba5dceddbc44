#pragma once

#include "engine/node/protocol.h"

#include <span>
#include <string_view>

namespace lightcone::node {

/// Every protocol of this build, by id. The table is made from the folders of engine/protocols.
std::span<const Protocol* const> catalog();

/// nullptr when this build does not know it.
inline const Protocol* findProtocol(std::string_view id)
{
    for (const auto* protocol : catalog()) {
        if (protocol->card().id == id) {
            return protocol;
        }
    }
    return nullptr;
}

} // namespace lightcone::node
