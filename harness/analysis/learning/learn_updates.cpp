#include "harness/analysis/learning/learn_updates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "harness/core/checksum.hpp"
#include "harness/core/digest.hpp"
#include "harness/core/text.hpp"

namespace cambench::analysis {
namespace {

using Part = DialogueTemplate::Part;
using Role = UpdateExchange::Role;

constexpr std::size_t longest_answer = 1U << 20, shortest_version = 3, most_learned = 400;
constexpr std::uint64_t smallest_size = 1000;  // shorter numbers stand everywhere

bool is_letter_or_digit(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_word(char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; }

/// A text that stands for a field of the offer wherever it is found.
struct Field {
    std::string text, name;
    enum class Bounds { letters, version } bounds = Bounds::letters;
};

bool stands_alone(std::string_view text, std::size_t at, const Field& field) {
    const auto end = at + field.text.size();
    const char before = at == 0 ? ' ' : text[at - 1], behind = end >= text.size() ? ' ' : text[end];
    if (is_letter_or_digit(before) || is_letter_or_digit(behind)) return false;
    if (field.bounds == Field::Bounds::letters) return true;
    const bool goes_on = (behind == '.' || behind == '-' || behind == '_') && end + 1 < text.size() &&
                         is_letter_or_digit(text[end + 1]);
    return before != '.' && !goes_on;
}

/// Inside an address or a file's name a version is part of where something is.
bool is_in_an_address(std::string_view text, std::size_t at, std::size_t size) {
    constexpr std::string_view ends = " \t\r\n\"'<>,;=&|";
    const auto before = text.find_last_of(ends, at);
    const auto begin = before == std::string_view::npos ? 0 : before + 1;
    const auto word = text.substr(begin, std::min(text.find_first_of(ends, at + size), text.size()) - begin);
    return word.find('/') != std::string_view::npos;
}

/// Where the fields stand in a text, left open; `found` takes their names.
DialogueTemplate open_fields(std::string_view text, const std::vector<Field>& fields,
                             std::vector<std::string>& found) {
    std::map<std::size_t, const Field*> places;
    for (const auto& field : fields) {
        for (auto at = text.find(field.text); at != std::string_view::npos;
             at = text.find(field.text, at + 1)) {
            if (!stands_alone(text, at, field)) continue;
            if (field.bounds == Field::Bounds::version && is_in_an_address(text, at, field.text.size()))
                continue;
            const auto next = places.lower_bound(at);
            const bool free =
                next == places.begin() || std::prev(next)->first + std::prev(next)->second->text.size() <= at;
            if (free && (next == places.end() || next->first >= at + field.text.size()))
                places.emplace(at, &field);
        }
    }
    DialogueTemplate made;
    std::size_t done = 0;
    for (const auto& [at, field] : places) {
        made.add_literal(text.substr(done, at - done));
        made.parts.push_back({Part::Kind::offer, field->name});
        done = at + field->text.size();
        if (std::find(found.begin(), found.end(), field->name) == found.end()) found.push_back(field->name);
    }
    made.add_literal(text.substr(done));
    return made;
}

std::vector<Field> fields_of(const KnownPackage& package, const std::string& version) {
    std::vector<Field> fields;
    for (const auto name : checksum_names) {
        const auto raw = checksum_of(name, package.bytes);
        for (const auto form : checksum_forms) {
            auto text = written_checksum(raw, form);
            if (text.empty() || (form == "upper" && text == written_checksum(raw, ""))) continue;
            fields.push_back(
                {std::move(text), form.empty() ? std::string(name) : fmt::format("{}.{}", name, form)});
        }
    }
    if (package.bytes.size() >= smallest_size)
        fields.push_back({std::to_string(package.bytes.size()), "size"});
    if (version.size() >= shortest_version) fields.push_back({version, "version", Field::Bounds::version});
    return fields;
}

bool is_package(const HttpExchange& exchange, const std::vector<RecordedPackage>& places) {
    return std::any_of(places.begin(), places.end(), [&](const RecordedPackage& place) {
        return place.host == exchange.host && place.path == exchange.path() &&
               (exchange.status == 200 || exchange.status == 206);
    });
}

/// What the fake internet writes itself, or what holds for the recorded transfer alone.
bool is_kept(std::string_view header, Role role) {
    static constexpr std::array dropped{"content-length", "transfer-encoding", "content-encoding",
                                        "connection",     "keep-alive",        "date",
                                        "content-range"};
    const auto name = lower(header);
    return std::find(dropped.begin(), dropped.end(), name) == dropped.end() &&
           !(role == Role::package && name == "accept-ranges");
}

std::string last_segment(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// A path in which the version is left open, for cameras that put it there themselves.
std::string open_path(const std::string& path, const std::string& version) {
    const auto at = version.size() < shortest_version ? std::string::npos : path.find(version);
    return at == std::string::npos ? path : path.substr(0, at) + "*" + path.substr(at + version.size());
}

/// Answers to requests that cannot be told apart: the one about the package is given.
void add(std::vector<UpdateExchange>& exchanges, UpdateExchange exchange) {
    const auto same = std::find_if(exchanges.begin(), exchanges.end(), [&](const UpdateExchange& one) {
        return one.host == exchange.host && one.method == exchange.method && one.path == exchange.path &&
               one.query == exchange.query && one.sent == exchange.sent &&
               one.authorised == exchange.authorised;
    });
    if (same == exchanges.end())
        exchanges.push_back(std::move(exchange));
    else if (exchange.role >= same->role)
        *same = std::move(exchange);
}

bool is_version_word(std::string_view word) {
    auto digits = word;
    if (!digits.empty() && (digits.front() == 'v' || digits.front() == 'V')) digits.remove_prefix(1);
    return digits.size() >= shortest_version && digits.size() <= 64 && is_digit(digits.front()) &&
           is_letter_or_digit(digits.back()) && digits.find('.') != std::string_view::npos &&
           digits.find("..") == std::string_view::npos;
}

/// The word that names what stands at `at`: the last one before it on its line.
std::string key_before(std::string_view text, std::size_t at) {
    constexpr std::string_view between = " \t\"':=<>{[(,";
    auto end = at;
    while (end > 0 && between.find(text[end - 1]) != std::string_view::npos) --end;
    auto begin = end;
    while (begin > 0 && is_word(text[begin - 1])) --begin;
    return lower(text.substr(begin, end - begin));
}

bool names_the_newest(const std::string& key) {
    static constexpr std::array good{"ver", "fw", "firmware", "release", "latest", "newest"};
    static constexpr std::array bad{"min",      "from", "cur",      "prev", "old",    "depend", "requir",
                                    "hardware", "hw",   "protocol", "api",  "schema", "xml"};
    const auto has = [&](const char* part) { return key.find(part) != std::string::npos; };
    return std::any_of(good.begin(), good.end(), has) && std::none_of(bad.begin(), bad.end(), has);
}

/// What the requests say until the package is fetched: a version in them is the one that runs.
std::string asked_text(const std::vector<HttpExchange>& exchanges,
                       const std::vector<RecordedPackage>& places) {
    std::string text;
    for (const auto& exchange : exchanges) {
        if (is_package(exchange, places)) break;
        text += exchange.query() + "\n" + exchange.request.body.substr(0, 4096) + "\n";
    }
    return text;
}

std::string find_version(const std::vector<HttpExchange>& exchanges,
                         const std::vector<RecordedPackage>& places, const KnownPackage& package) {
    std::vector<std::string> running;
    const auto asked = asked_text(exchanges, places);
    const auto is_running = [&](const std::string& version) {
        return asked.find(version) != std::string::npos;
    };
    std::vector<const HttpExchange*> texts;
    for (const auto& exchange : exchanges)
        if (!is_package(exchange, places) && exchange.answer.body.size() <= longest_answer)
            texts.push_back(&exchange);
    for (const auto& version : package.versions)
        for (const auto* exchange : texts)
            if (exchange->answer.body.find(version) != std::string::npos && !is_running(version))
                return version;
    for (const auto* exchange : texts) {
        running.clear();
        for (;;) {
            auto found = stated_version(exchange->answer.body, running);
            if (found.empty()) break;
            if (!is_running(found)) return found;
            running.push_back(std::move(found));
        }
    }
    return "";
}

std::vector<RecordedPackage> places_of(const std::vector<HttpExchange>& exchanges,
                                       const KnownPackage& package) {
    auto places = recorded_downloads(exchanges);
    std::erase_if(places, [&](const RecordedPackage& one) { return one.bytes != package.bytes; });
    return places;
}

UpdateExchange learned(const HttpExchange& exchange, Role role, const std::vector<Field>& fields,
                       std::vector<std::string>& found) {
    UpdateExchange made{.host = exchange.host,
                        .method = exchange.method,
                        .path = exchange.path(),
                        .query = exchange.query(),
                        .sent = exchange.request.body,
                        .authorised = !exchange.request.header("authorization").empty(),
                        .role = role,
                        .status = exchange.status,
                        .headers = {},
                        .answer = {}};
    if (role == Role::package) made.status = 200;
    for (const auto& [name, value] : exchange.answer.headers)
        if (is_kept(name, role)) made.headers.emplace_back(name, open_fields(value, fields, found));
    if (role != Role::package) made.answer = open_fields(exchange.answer.body, fields, found);
    return made;
}

}  // namespace

std::vector<RecordedPackage> recorded_downloads(const std::vector<HttpExchange>& exchanges) {
    struct Pieces {
        std::uint64_t size = 0;
        std::map<std::uint64_t, std::string_view> parts;
    };
    std::map<std::pair<std::string, std::string>, Pieces> files;
    std::vector<RecordedPackage> found;
    for (const auto& exchange : exchanges) {
        const auto& answer = exchange.answer;
        if (answer.body.empty()) continue;
        if (exchange.status == 200 && answer.whole)
            found.push_back({exchange.host, exchange.path(), to_bytes(answer.body)});
        unsigned long long from = 0, to = 0, size = 0;
        if (exchange.status != 206 || std::sscanf(std::string(answer.header("content-range")).c_str(),
                                                  "bytes %llu-%llu/%llu", &from, &to, &size) != 3)
            continue;
        auto& pieces = files[{exchange.host, exchange.path()}];
        pieces.size = size;
        auto& part = pieces.parts[from];
        if (answer.body.size() > part.size()) part = answer.body;
    }
    for (const auto& [where, pieces] : files) {
        Bytes bytes;
        for (const auto& [from, part] : pieces.parts) {
            if (from > bytes.size() || from + part.size() <= bytes.size()) continue;
            const auto rest = as_bytes(part.substr(bytes.size() - from));
            bytes.insert(bytes.end(), rest.begin(), rest.end());
        }
        if (bytes.size() == pieces.size && !bytes.empty())
            found.push_back({where.first, where.second, std::move(bytes)});
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.bytes.size() > b.bytes.size(); });
    return found;
}

std::string stated_version(std::string_view text, const std::vector<std::string>& not_these) {
    for (std::size_t at = 0; at < text.size();) {
        const auto begin = at;
        while (at < text.size() && (is_word(text[at]) || text[at] == '.')) ++at;
        const auto word = text.substr(begin, at - begin);
        at += at == begin ? 1 : 0;
        const bool fits = is_version_word(word) && !is_in_an_address(text, begin, word.size()) &&
                          names_the_newest(key_before(text, begin));
        if (fits && std::find(not_these.begin(), not_these.end(), word) == not_these.end())
            return std::string(word);
    }
    return "";
}

Result<UpdateLesson> learn_update(const std::vector<HttpExchange>& exchanges, const KnownPackage& package,
                                  const std::string& version) {
    const auto places = places_of(exchanges, package);
    if (places.empty())
        return usage_error(fmt::format("no answer of the recording is the package ({} bytes, SHA-256 {})",
                                       package.bytes.size(), sha256_of(package.bytes)));
    UpdateLesson lesson;
    auto& update = lesson.update;
    update.version = version.empty() ? find_version(exchanges, places, package) : version;
    update.sha256 = sha256_of(package.bytes);
    update.size = package.bytes.size();
    const auto fields = fields_of(package, update.version);
    for (const auto& exchange : exchanges) {
        const bool carries = is_package(exchange, places);
        const bool about_it =
            carries || (exchange.answer.whole && exchange.answer.body.size() <= longest_answer);
        if (!about_it || exchange.method == "CONNECT" || exchange.request.body.size() > longest_answer ||
            update.exchanges.size() >= most_learned) {
            lesson.notes.push_back(fmt::format("left out: {} {}{}", inert(exchange.method),
                                               inert(exchange.host), inert(exchange.path())));
            continue;
        }
        std::vector<std::string> found;
        auto made = learned(exchange, carries ? Role::package : Role::other, fields, found);
        const bool points = std::any_of(places.begin(), places.end(), [&](const auto& place) {
            return last_segment(place.path).size() > 3 &&
                   exchange.answer.body.find(last_segment(place.path)) != std::string::npos;
        });
        if (!carries && (points || !found.empty())) made.role = Role::list;
        if (carries) made.path = open_path(made.path, update.version);
        const auto what = carries                   ? "the package"
                          : made.role == Role::list ? "a list of updates"
                                                    : "another answer";
        lesson.notes.push_back(fmt::format("{} {}{}: {}{}{}", inert(exchange.method), inert(exchange.host),
                                           inert(exchange.path()), what,
                                           found.empty() ? "" : ", filled in: ", join(found, ", ")));
        add(update.exchanges, std::move(made));
    }
    return lesson;
}

}  // namespace cambench::analysis
