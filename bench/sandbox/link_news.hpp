#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/file.hpp"

namespace cambench::sandbox {

/// What the kernel says of a link when something about it has changed.
struct LinkNews {
    bool carrier = false;
    std::uint32_t changes = 0;  ///< how often the carrier came or went since the interface is there
};

/// A socket that hears of the links of this process's namespace; readable when there is news. Works in
/// whatever process it is passed to.
[[nodiscard]] Result<FileHandle> open_link_news();

/// Asks for the present state of `interface`; it comes as news.
[[nodiscard]] Status ask_for_links(int socket);

/// All that has come since the last call about `interface`, in order. `lost`: some of it was dropped, ask
/// anew.
struct LinkReading {
    std::vector<LinkNews> news;
    bool lost = false;
};
[[nodiscard]] LinkReading read_link_news(int socket, const std::string& interface);

}  // namespace cambench::sandbox
