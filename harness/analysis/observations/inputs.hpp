#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/core/ip.hpp"

namespace cambench::analysis {

/// A recording and the name under which findings cite it.
struct Recording {
    std::filesystem::path file;
    std::string cited_as;  ///< "" : the path as given
};

/// Recordings to analyse. Only `captures` is needed.
struct Inputs {
    std::vector<Recording> captures;                ///< pcap or pcapng, in order of time
    std::optional<std::filesystem::path> timeline;  ///< timeline.jsonl
    std::optional<std::filesystem::path> console;   ///< console.log
    std::optional<std::filesystem::path>
        payloads;  ///< folder with what the bench saw inside TLS, named by SHA-256
    std::optional<std::variant<MacAddress, IpAddress>> camera;  ///< nullopt: guessed
    std::vector<std::string> serials;  ///< serial numbers of the unit that are known from elsewhere: what it
                                       ///< tells of them is an identifier
    std::vector<std::string> mac_prefixes;  ///< of the camera, as declared: "02:4b:52"
    /// Whether the recording began before power-on; nullopt: as the timeline and the capture themselves show.
    std::optional<bool> complete;
    /// Told now and then how much of the captures has been read, from 0 to 1; may be empty.
    std::function<void(double share)> progress;
    /// Whether to go on; asked now and then. Once it says no, what was found so far is told, and that it is
    /// not all. May be empty.
    std::function<bool()> go_on;
};

}  // namespace cambench::analysis
