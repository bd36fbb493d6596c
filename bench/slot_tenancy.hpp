#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/core/file.hpp"
#include "harness/core/ip.hpp"
#include "harness/core/markup/markup.hpp"

namespace cambench {

/// What lasts at a slot from one scenario of a run to the next: nobody else has its parts meanwhile, and the
/// unit is the same. Not thread-safe.
///
/// A claim ends with its process, however that ends, and leaves no file: it is a name of a socket in this
/// host's network namespace.
class SlotTenancy {
public:
    /// The slot's wire and console, as far as they are real ones. Fails, naming the process, when another run
    /// has them; what is had already stays so.
    [[nodiscard]] Status take(const std::string& slot, const markup::Node& console,
                              const markup::Node& network);

    /// Who was heard while the unit was watched, in the scenario before; empty: there was none, or it heard
    /// nobody.
    std::vector<MacAddress> macs_before;

private:
    [[nodiscard]] Status take_part(const std::string& slot, const std::string& part);
    std::map<std::string, FileHandle> claims_;
};

}  // namespace cambench
