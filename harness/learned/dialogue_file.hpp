#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/ip.hpp"
#include "harness/core/markup/markup.hpp"
#include "harness/learned/dialogue_template.hpp"

namespace cambench {

/// One message of a client and what the server said to it. Without a request the server spoke first.
struct DialogueTurn {
    std::optional<DialogueTemplate> request;
    std::vector<DialogueTemplate> answers;  ///< of a stream: one at most; of datagrams: one each
    bool closes = false;                    ///< the server then ended the connection
};

/// What one server says, learned from a recording or written by hand.
struct DialogueServer {
    std::string name;                  ///< "": known by address alone
    std::optional<IpAddress> address;  ///< nullopt: known by name alone
    std::uint16_t port = 0;
    Transport transport = Transport::tcp;
    bool inside_tls = false;
    std::vector<DialogueTurn> turns;
};

/// For an attribute in which no "$" begins a parameter.
[[nodiscard]] std::string in_attribute(std::string_view text);
/// A template that stands in an attribute.
[[nodiscard]] Result<DialogueTemplate> read_template(const markup::Node& node, std::string_view attribute);

/// The table of <dialogues>, the root of a file of recorded dialogues.
[[nodiscard]] const markup::Element& dialogues_element();
[[nodiscard]] Result<std::vector<DialogueServer>> load_dialogues(const std::filesystem::path& file,
                                                                 markup::Problems& problems);
[[nodiscard]] std::string to_xml(const std::vector<DialogueServer>& servers, std::string_view title);

}  // namespace cambench
