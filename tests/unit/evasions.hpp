#pragma once

#include "tests/unit/slot_wire.hpp"

/// What the tests of evasions share.
namespace cambench::slot_wire {

inline Bytes bytes_of(std::initializer_list<unsigned> values) {
    Bytes bytes;
    for (const auto value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

/// Traffic to a planted address inside of other traffic.
void add_encapsulations(std::vector<Way>& ways);

}  // namespace cambench::slot_wire
