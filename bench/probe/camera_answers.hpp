#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cambench::probe {

/// One thing a camera says it is or can: {"stream", "audio", "RTP/AVP 0 PCMU/8000"}.
struct Fact {
    std::string subject, what, value;
    bool operator==(const Fact&) const = default;
};

/// The value of a header of an answer in the manner of HTTP; "" without. `name` in any case.
[[nodiscard]] std::string header_of(std::string_view answer, std::string_view name);
[[nodiscard]] int status_of(std::string_view answer);
[[nodiscard]] inline bool is_success(int status) { return status >= 200 && status < 300; }
[[nodiscard]] std::string_view body_of(std::string_view answer);
/// Whether head and announced body are all there.
[[nodiscard]] bool is_whole(std::string_view answer);

/// The texts of all elements of that local name, in order; entities stay as they are.
[[nodiscard]] std::vector<std::string> element_texts(std::string_view xml, std::string_view local_name);
/// Local names of the elements that open in a document, each once, sorted.
[[nodiscard]] std::vector<std::string> element_names(std::string_view xml);

/// The Authorization header for a challenge (RFC 2617, MD5 with qop=auth, or Basic); "" when it is neither.
[[nodiscard]] std::string authorization_for(std::string_view challenge, std::string_view user,
                                            std::string_view password, std::string_view method,
                                            std::string_view uri);

/// What may stand in a request: printable and without blanks. Foreign text that is not is no path, no cookie,
/// no session.
[[nodiscard]] bool is_plain(std::string_view text);
/// Paths of what a page shows: its src="/..." attributes, each once, 16 at most.
[[nodiscard]] std::vector<std::string> resources_of(std::string_view page);
[[nodiscard]] std::string xml_escaped(std::string_view text);
/// The URL that sets up the first medium of an SDP.
[[nodiscard]] std::string track_of(std::string_view sdp, std::string_view base);
/// The tokens of ONVIF's media profiles.
[[nodiscard]] std::vector<std::string> profile_tokens_of(std::string_view profiles);

/// The media an SDP describes.
[[nodiscard]] std::vector<Fact> facts_of_sdp(std::string_view sdp);
/// What ONVIF's device information, services and profiles tell.
[[nodiscard]] std::vector<Fact> facts_of_onvif(std::string_view information, std::string_view services,
                                               std::string_view profiles);

}  // namespace cambench::probe
