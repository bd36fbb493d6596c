#include "harness/analysis/flows/update_requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "harness/analysis/flows/protocol.hpp"
#include "harness/core/event_fields.hpp"
#include "harness/core/text.hpp"
#include "harness/offers/container.hpp"
#include "harness/wire/http.hpp"
#include "harness/wire/http_body.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_of_a_flow = 1024, longest_target = 300, longest_said = 2048,
                      longest_answer_text = 4096, most_contacts = 64;
constexpr std::uint64_t large = 64U << 10, smallest_image = 4096;

/// Parts of words that are said of firmware alone, words that are when they stand alone, and words that
/// others use, too.
constexpr std::array sure_parts{"firmware", "fwupd",          "fwupgrade",    "upgrade",   "fota",
                                "swupdate", "softwareupdate", "systemupdate", "romupdate", "sysupdate"};
constexpr std::array sure_words{"fw", "ota", "fwver", "fwversion"};
constexpr std::array usual_words{"update",  "updates", "version", "ver",
                                 "release", "latest",  "newest",  "software"};
template <typename List>
bool is_among(const List& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

/// The words of a path or a name: parted at what is no letter and where small letters become capital ones.
std::vector<std::string> words_in(std::string_view text) {
    std::vector<std::string> words(1);
    char before = ' ';
    for (const char letter : text) {
        const bool plain = std::isalpha(static_cast<unsigned char>(letter)) != 0;
        const bool begins = std::isupper(static_cast<unsigned char>(letter)) != 0 &&
                            std::islower(static_cast<unsigned char>(before)) != 0;
        if ((!plain || begins) && !words.back().empty()) words.emplace_back();
        if (plain) words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        before = letter;
    }
    return words;
}

struct Vocabulary {
    std::string sure, usual;  ///< the first of each; "": none
};
Vocabulary vocabulary_of(std::string_view text) {
    Vocabulary found;
    const auto whole = lower(text);
    for (const auto* part : sure_parts)
        if (found.sure.empty() && whole.find(part) != std::string::npos) found.sure = part;
    for (auto& word : words_in(text)) {
        if (found.sure.empty() && is_among(sure_words, word)) found.sure = word;
        if (found.usual.empty() && is_among(usual_words, word)) found.usual = std::move(word);
    }
    return found;
}

std::string_view path_in(std::string_view target) { return target.substr(0, target.find('?')); }

/// A text stands there as a word of its own; letters' case does not matter.
bool says(std::string_view lower_text, const std::string& word) {
    if (word.size() < 3) return false;
    const auto wanted = lower(word);
    const auto part_of_word = [&](std::size_t at) {
        return at < lower_text.size() && std::isalnum(static_cast<unsigned char>(lower_text[at])) != 0;
    };
    for (auto at = lower_text.find(wanted); at != std::string_view::npos;
         at = lower_text.find(wanted, at + 1))
        if ((at == 0 || !part_of_word(at - 1)) && !part_of_word(at + wanted.size())) return true;
    return false;
}

/// What of its fields a request says of the unit. Host, cookies and their kin say nothing.
void add_said(std::string& said, std::string_view name, std::string_view value) {
    const auto field = lower(name);
    if (field == "user-agent" || field.starts_with("x-") || field.find("version") != std::string::npos ||
        field.find("model") != std::string::npos)
        said += lower(value) + "\n";
}

std::string cut_to(std::string text, std::size_t most) {
    if (text.size() > most) text.resize(most);
    return text;
}

/// A query with a number as versions are, or with the usual words for what is there: any of them could name
/// the unit.
bool tells_of_a_unit(std::string_view text) {
    if (text.find("ver") != std::string_view::npos || text.find("model") != std::string_view::npos)
        return true;
    for (std::size_t i = 1; i + 1 < text.size(); ++i)
        if (text[i] == '.' && std::isdigit(static_cast<unsigned char>(text[i - 1])) != 0 &&
            std::isdigit(static_cast<unsigned char>(text[i + 1])) != 0)
            return true;
    return false;
}

/// Some of what a request says, or what it brought, has to do with firmware; the others are forgotten.
bool could_be(const UpdateRequest& request) {
    const auto words = vocabulary_of(path_in(request.target)), host = vocabulary_of(request.server);
    const bool told =
        !words.sure.empty() || !words.usual.empty() || !host.sure.empty() || !host.usual.empty();
    return told || !request.image.empty() || request.is_file ||
           request.said.find("ver") != std::string::npos || request.said.find("model") != std::string::npos ||
           tells_of_a_unit(lower(std::string_view(request.target)
                                     .substr(std::min(request.target.find('?'), request.target.size()))));
}

bool is_readable(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](unsigned char c) { return c < ' ' && c != '\r' && c != '\n' && c != '\t'; });
}

/// Pages, scripts, pictures and sound are no firmware, however large.
bool is_shown_or_played(const HttpMessage& answer) {
    const auto type = lower(answer.header("content-type"));
    for (const auto* kind : {"image/", "video/", "audio/", "text/", "font/", "json", "javascript", "xml"})
        if (type.find(kind) != std::string::npos) return true;
    const auto marks = find_marks(as_bytes(std::string_view(answer.body).substr(0, 64)), Position::start);
    return std::any_of(marks.begin(), marks.end(),
                       [](const Mark& mark) { return mark.kind == ContentKind::media; });
}

void take_answer(UpdateRequest& request, const HttpMessage& answer, std::uint64_t bytes) {
    const auto status = answer.first_line.substr(std::min<std::size_t>(answer.first_line.size(), 9), 3);
    request.status = static_cast<unsigned>(std::atoi(status.c_str()));
    request.answer_bytes = bytes;
    if (request.status != 200 && request.status != 206) return;
    const bool middle = request.status == 206 && !answer.header("content-range").starts_with("bytes 0-");
    if (const auto format = offers::format_of(as_bytes(answer.body)); !middle && bytes >= smallest_image)
        request.image = format;
    request.is_file = bytes >= large && !is_readable(answer.body) &&
                      (!request.image.empty() || !is_shown_or_played(answer));
    if (is_readable(answer.body)) request.answer = cut_to(answer.body, longest_answer_text);
}

/// The server calls a file that another request then fetched. Short names stand everywhere.
bool names_file(const UpdateRequest& list, const UpdateRequest& fetched) {
    const auto path = path_in(fetched.target);
    const auto file = path.substr(std::min(path.rfind('/') + 1, path.size()));
    return file.size() >= 6 && list.answer.find(file) != std::string::npos;
}

struct Words {
    std::vector<std::string> grounds;
    bool sure_word = false, usual_word = false, names_unit = false;
};
Words words_of(const UpdateRequest& request, const UnitWords& unit) {
    Words found;
    const auto path = vocabulary_of(path_in(request.target)), host = vocabulary_of(request.server);
    found.sure_word = !path.sure.empty() || !host.sure.empty();
    found.usual_word = !path.usual.empty() || !host.usual.empty();
    if (!path.sure.empty() || !path.usual.empty())
        found.grounds.push_back(
            fmt::format("its path says '{}'", path.sure.empty() ? path.usual : path.sure));
    else if (found.sure_word || found.usual_word)
        found.grounds.push_back(
            fmt::format("its server's name says '{}'", host.sure.empty() ? host.usual : host.sure));
    const auto text = lower(request.target) + "\n" + request.said;
    for (const auto& model : unit.models)
        if (says(text, model))
            found.grounds.push_back(fmt::format("it names the model {}", inert(model))),
                found.names_unit = true;
    for (const auto& version : unit.versions)
        if (says(text, version))
            found.grounds.push_back(fmt::format("it names the version {}", inert(version))),
                found.names_unit = true;
    return found;
}

/// Bodies that bring more than they ask are reports, whatever they name.
bool asks_rather_than_tells(const UpdateRequest& request) {
    return request.method == "GET" || request.method == "HEAD" || request.sent_bytes <= longest_said;
}

std::optional<UpdateContact> contact_of(const UpdateRequest& request, const std::vector<UpdateRequest>& all,
                                        const UnitWords& unit) {
    auto words = words_of(request, unit);
    UpdateContact contact{.server = request.server,
                          .destination = request.destination,
                          .encrypted = request.encrypted,
                          .request = inert(request.method + " " + request.target),
                          .grounds = std::move(words.grounds),
                          .image = std::string(offers::format_title(request.image)),
                          .image_bytes = request.image.empty() ? 0 : request.answer_bytes,
                          .certain = false,
                          .offered = request.offered,
                          .frame = request.frame,
                          .times = request.times};
    const auto fetched = std::find_if(all.begin(), all.end(), [&](const UpdateRequest& one) {
        return &one != &request && one.is_file && names_file(request, one);
    });
    const auto list = std::find_if(all.begin(), all.end(), [&](const UpdateRequest& one) {
        return &one != &request && names_file(one, request);
    });
    const bool about_firmware = words.sure_word || words.names_unit;
    if (!request.image.empty())
        contact.grounds.push_back(fmt::format("its answer is {} of {} bytes",
                                              offers::format_title(request.image), request.answer_bytes));
    if (offers::holds_firmware_only(request.image))
        contact.certain = true;
    else if (!request.image.empty())
        contact.certain = about_firmware || (list != all.end() && words_of(*list, unit).names_unit);
    if (fetched != all.end() && (about_firmware || offers::holds_firmware_only(fetched->image))) {
        contact.grounds.push_back(
            fmt::format("its answer names {}, which is fetched then", inert(path_in(fetched->target))));
        contact.certain = true;
        if (contact.image.empty())
            contact.image = offers::format_title(fetched->image),
            contact.image_bytes = fetched->image.empty() ? 0 : fetched->answer_bytes;
    }
    const bool likely =
        asks_rather_than_tells(request) && words.names_unit && (words.sure_word || words.usual_word);
    const bool says_so = words.sure_word && request.method == "GET";
    return contact.certain || likely || says_so ? std::optional(std::move(contact)) : std::nullopt;
}

/// One entry for each server: the request that tells most stands for the others.
void join_contact(std::vector<UpdateContact>& contacts, UpdateContact contact) {
    const auto weight = [](const UpdateContact& one) { return (one.certain ? 8U : 0U) + one.grounds.size(); };
    const auto same = std::find_if(contacts.begin(), contacts.end(), [&](const UpdateContact& one) {
        return one.server == contact.server && one.destination.port == contact.destination.port &&
               one.encrypted == contact.encrypted;
    });
    if (same == contacts.end()) {
        if (contacts.size() < most_contacts) contacts.push_back(std::move(contact));
        return;
    }
    const auto times = same->times + contact.times;
    const auto first = same->frame;
    const bool offered = same->offered || contact.offered;
    if (weight(contact) > weight(*same)) std::swap(*same, contact);
    if (same->image.empty()) same->image = contact.image, same->image_bytes = contact.image_bytes;
    same->certain = same->certain || contact.certain;
    same->times = times;
    same->offered = offered;
    same->frame = first;
}

}  // namespace

std::vector<UpdateRequest> update_requests_of(const Flow& flow, const std::string& name) {
    std::vector<UpdateRequest> requests;
    if (flow.key.protocol != 6 || flow.lan) return requests;
    auto asked = as_text(flow.out.head()), answered = as_text(flow.in.head());
    auto left = flow.in.bytes();
    std::size_t offset = 0;
    while (!asked.empty() && requests.size() < most_of_a_flow) {
        const auto message = parse_http_message(asked, HttpSide::request, false);
        const auto words = message ? split(message->first_line, ' ') : std::vector<std::string>();
        if (words.size() != 3) break;
        offset += message->size;
        UpdateRequest request{.server = host_without_port(message->header("host")),
                              .destination = flow.key.peer,
                              .method = words[0],
                              .target = cut_to(words[1], longest_target)};
        if (!name.empty() || request.server.empty())
            request.server = name.empty() ? flow.key.peer.address.to_string() : name;
        for (const auto& [field, value] : message->headers) add_said(request.said, field, value);
        request.said = cut_to(request.said + lower(message->body.substr(0, longest_said)), longest_said);
        request.sent_bytes = message->body.size();
        request.frame = flow.out.frame_of(offset);
        auto answer = parse_http_message(
            answered, words[0] == "HEAD" ? HttpSide::answer_to_head : HttpSide::answer, false);
        // What is not in the head that is kept came behind it.
        if (answer) {
            const auto behind = answered.size() - answer->size;
            const auto bytes =
                answer->whole ? answer->body.size()
                              : std::max<std::uint64_t>(
                                    answer->body.size(),
                                    left > behind ? left - behind - (answer->size - answer->body.size()) : 0);
            take_answer(request, *answer, bytes);
            answered.remove_prefix(answer->size);
            left -= std::min<std::uint64_t>(left, answer->size);
        }
        if (could_be(request)) requests.push_back(std::move(request));
        asked.remove_prefix(message->size);
        if (!message->whole || !answer || !answer->whole) break;
    }
    return requests;
}

std::optional<UpdateRequest> update_request_of(const Event& event) {
    if (event.kind != "http-request" || text_of(event.fields, "inside") != "tls") return std::nullopt;
    const auto destination = endpoint_of(text_of(event.fields, "destination"));
    if (!destination) return std::nullopt;
    UpdateRequest request{.server = text_of(event.fields, "name"),
                          .destination = *destination,
                          .method = text_of(event.fields, "method"),
                          .target = cut_to(text_of(event.fields, "target"), longest_target)};
    if (request.server.empty()) request.server = host_without_port(text_of(event.fields, "host"));
    if (request.server.empty()) request.server = destination->address.to_string();
    request.encrypted = true;
    request.offered = event.fields.contains("offer");
    request.status = static_cast<unsigned>(count_of(event.fields, "status"));
    request.sent_bytes = count_of(event.fields, "payload_bytes");
    if (const auto headers = event.fields.find("headers");
        headers != event.fields.end() && headers->is_array())
        for (const auto& field : *headers)
            if (field.is_array() && field.size() == 2 && field[0].is_string() && field[1].is_string())
                add_said(request.said, field[0].get<std::string>(), field[1].get<std::string>());
    request.said = cut_to(std::move(request.said), longest_said);
    request.time = event.time;
    return could_be(request) ? std::optional(std::move(request)) : std::nullopt;
}

std::vector<UpdateContact> update_contacts(const Observations& observations, const UnitWords& words) {
    std::vector<UpdateContact> contacts;
    for (const auto& request : observations.update_requests)
        if (auto contact = contact_of(request, observations.update_requests, words))
            join_contact(contacts, std::move(*contact));
    return contacts;
}

}  // namespace cambench::analysis
