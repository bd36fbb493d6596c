#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/core/time.hpp"

namespace cambench {

/// Bytes of a recorded message in which some parts are left open.
///
/// Written as text: printable characters stand for themselves, \r \n \t \\ \xHH for the others, and \(...)
/// for what is open. In a request: \(any), any bytes up to what follows; \(4), so many bytes. In an answer:
/// \(same 1), what the first open part of the request was; \(time.http), \(time.iso), \(time.unix), the time
/// at which it is given; \(offer.NAME), of the firmware on offer.
struct DialogueTemplate {
    struct Part {
        enum class Kind {
            literal,
            any,
            bytes,
            same,
            time_http,
            time_iso,
            time_unix,
            offer
        } kind = Kind::literal;
        std::string text;        ///< of a literal; of offer: the name
        std::size_t number = 0;  ///< of bytes: how many; of same: which, from 1
        bool operator==(const Part&) const = default;
    };
    std::vector<Part> parts;

    bool operator==(const DialogueTemplate&) const = default;
    void add_literal(std::string_view text);

    [[nodiscard]] static Result<DialogueTemplate> parse(std::string_view written);
    [[nodiscard]] static DialogueTemplate literal(std::string_view bytes);
    [[nodiscard]] std::string to_string() const;
};

/// What the open parts of a request were.
struct DialogueMatch {
    std::vector<std::string> open;
    std::size_t size = 0;  ///< bytes of the input that belong to the request
    bool certain = true;   ///< false: it ends with \(any), and more of it may come
};
/// Whether `input` begins with such a request.
[[nodiscard]] std::optional<DialogueMatch> match(const DialogueTemplate& request, std::string_view input);

/// How much `input` is like such a request, 0 to 1: for what a recording cannot know to be open. The open
/// parts are guessed.
[[nodiscard]] double likeness(const DialogueTemplate& request, std::string_view input);
[[nodiscard]] DialogueMatch guess(const DialogueTemplate& request, std::string_view input);

/// Says what an offer's field of a name is.
using OfferFields = std::function<std::string(std::string_view)>;
[[nodiscard]] std::string fill_in(const DialogueTemplate& answer, const DialogueMatch& match, WallTime now,
                                  const OfferFields& offer = {});

}  // namespace cambench
