#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/markup/markup.hpp"
#include "harness/learned/dialogue_template.hpp"

namespace cambench {

/// One request of a camera that looked for firmware, and what the vendor's server answered.
///
/// Templates may hold \(offer.NAME): a value of the firmware that is offered instead, see
/// bench/internet/README.md.
struct UpdateExchange {
    enum class Role {
        other,    ///< says nothing of the package: a token, a signature, a "nothing new"
        list,     ///< describes the package
        package,  ///< is the package
    };
    std::string host;  ///< as the camera called it, without a port
    std::string method = "GET";
    std::string path;  ///< "*" stands for any characters
    std::string query,
        sent;  ///< of exchanges that fit, the one whose query and body are most like the request's counts
    bool authorised = false;  ///< the request had a field Authorization
    Role role = Role::other;
    unsigned status = 200;
    std::vector<std::pair<std::string, DialogueTemplate>> headers;
    DialogueTemplate answer;  ///< of a package: empty
};

/// What servers said about firmware in a recording of a genuine update.
struct LearnedUpdate {
    std::string version;  ///< as the servers called the package; "": they did not
    std::string sha256;   ///< of the genuine package
    std::uint64_t size = 0;
    std::vector<UpdateExchange> exchanges;
};
[[nodiscard]] std::string_view to_string(UpdateExchange::Role role);

/// The table of <learned-update>, the root of such a file.
[[nodiscard]] const markup::Element& learned_update_element();
[[nodiscard]] Result<LearnedUpdate> load_learned_update(const std::filesystem::path& file,
                                                        markup::Problems& problems);
[[nodiscard]] std::string to_xml(const LearnedUpdate& update, std::string_view title);

}  // namespace cambench
