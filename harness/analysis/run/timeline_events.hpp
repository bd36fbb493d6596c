#pragma once

#include <filesystem>
#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/analysis/run/timeline_reader.hpp"

/// The timeline again, event by event, for what is too much to be kept: what comes of it is looked at as it
/// comes.
namespace cambench::analysis {

/// Calls `take` with every event of the network's lane that may have one of these in its line, in order: a
/// member or a text, with its quotes. To read a line takes ten times as long as to look for them.
[[nodiscard]] Status each_network_event(const std::filesystem::path& timeline,
                                        const std::vector<std::string_view>& members,
                                        const std::function<void(const Event&)>& take);

/// The names that the fake internet gave the camera, in order, from an open timeline.
class GivenNames {
public:
    explicit GivenNames(const std::filesystem::path& timeline);
    /// The next one, if it came by `time`; nullopt: there is none, or it came later.
    [[nodiscard]] std::optional<GivenName> next_by(Nanoseconds time);

private:
    std::unique_ptr<std::istream> in_;
    std::string line_;
    std::optional<GivenName> ahead_;
};

/// Content that such an event says was kept, or a request inside TLS; nullopt: neither.
[[nodiscard]] std::optional<SeenPayload> payload_of(const Event& event);
/// What was heard inside of something else: the session, and what a message or a body of it may hold.
[[nodiscard]] std::vector<SeenInner> inner_of(const Event& event);

}  // namespace cambench::analysis
