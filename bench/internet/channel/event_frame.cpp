#include "bench/internet/channel/event_frame.hpp"

#include <algorithm>
#include <array>

#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

constexpr unsigned deepest = 4;  // arrays in arrays
constexpr std::array<std::string_view, 5> of_the_engine{"t", "lane", "kind", "payload", "payload_bytes"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_kind_letter(char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; }

/// Goes over members of a JSON object; what it has passed is well-formed.
class MemberScanner {
public:
    explicit MemberScanner(std::string_view text) : rest_(text) {}

    bool members() {
        if (rest_.empty()) return true;
        do {
            const auto before = rest_;
            if (!string()) return false;
            const auto key = before.substr(1, before.size() - rest_.size() - 2);
            if (std::find(of_the_engine.begin(), of_the_engine.end(), key) != of_the_engine.end() ||
                key.find('\\') != std::string_view::npos)
                return false;
            if (!skip(':') || !value(0)) return false;
        } while (skip(','));
        return rest_.empty();
    }

private:
    bool skip(char wanted) {
        if (rest_.empty() || rest_.front() != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }

    bool skip_word(std::string_view word) {
        if (!rest_.starts_with(word)) return false;
        rest_.remove_prefix(word.size());
        return true;
    }

    bool value(unsigned depth) {
        if (rest_.empty()) return false;
        switch (rest_.front()) {
            case '"':
                return string();
            case '[':
                return array(depth);
            case 't':
                return skip_word("true");
            case 'f':
                return skip_word("false");
            case 'n':
                return skip_word("null");
            default:
                return number();
        }
    }

    bool array(unsigned depth) {
        if (depth == deepest || !skip('[')) return false;
        if (skip(']')) return true;
        do {
            if (!value(depth + 1)) return false;
        } while (skip(','));
        return skip(']');
    }

    bool number() {
        constexpr std::size_t most_digits = 19;
        (void)skip('-');
        const auto digits =
            static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_digit) - rest_.begin());
        if (digits == 0 || digits > most_digits || (digits > 1 && rest_.front() == '0')) return false;
        rest_.remove_prefix(digits);
        return true;
    }

    bool string() {
        if (!skip('"')) return false;
        for (std::size_t at = 0; at < rest_.size();) {
            const auto c = static_cast<unsigned char>(rest_[at]);
            if (c == '"') {
                rest_.remove_prefix(at + 1);
                return true;
            }
            const auto length = c < 0x20    ? 0
                                : c == '\\' ? escape(rest_.substr(at))
                                : c < 0x80  ? 1
                                            : sequence_length(rest_.substr(at));
            if (length == 0) return false;
            at += length;
        }
        return false;
    }

    /// Its length; 0 when it is none of those JsonText writes.
    static std::size_t escape(std::string_view text) {
        if (text.size() >= 2 && (text[1] == '"' || text[1] == '\\')) return 2;
        const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
        return text.size() >= 6 && text.starts_with("\\u00") && is_hex(text[4]) && is_hex(text[5]) ? 6 : 0;
    }

    std::string_view rest_;
};

}  // namespace

Result<EventFrame> parse_event_frame(ByteView body) {
    ByteReader reader(body);
    EventFrame frame;
    frame.time = Nanoseconds(static_cast<std::int64_t>(reader.u64()));
    if (const auto payload = reader.u64(); payload != 0) frame.payload = payload;
    frame.kind = as_text(reader.take(reader.u8()));
    frame.members = as_text(reader.rest());
    if (reader.failed() || frame.kind.empty() ||
        !std::all_of(frame.kind.begin(), frame.kind.end(), is_kind_letter))
        return bench_error("an event has no kind");
    if (!MemberScanner(frame.members).members()) return bench_error("an event's fields are malformed");
    return frame;
}

std::string event_frame_head(Nanoseconds time, std::string_view kind, std::optional<PayloadId> payload) {
    ByteWriter head;
    head.u64(static_cast<std::uint64_t>(time.count()))
        .u64(payload.value_or(0))
        .u8(static_cast<std::uint8_t>(kind.size()))
        .text(kind);
    return std::string(as_text(head.view()));
}

}  // namespace cambench::internet
