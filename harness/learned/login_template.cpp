#include "harness/learned/login_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "harness/core/digest.hpp"
#include "harness/core/markup/markup_internal.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

enum class Escaping { none, form, json, xml };

Escaping escaping_of(std::string_view type) {
    if (type.find("form-urlencoded") != std::string_view::npos) return Escaping::form;
    if (type.find("json") != std::string_view::npos) return Escaping::json;
    if (type.find("xml") != std::string_view::npos) return Escaping::xml;
    return Escaping::none;
}

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || std::string_view("-._~").find(c) != std::string_view::npos)
            out += c;
        else
            out += fmt::format("%{:02X}", byte);
    }
    return out;
}

std::string escaped(std::string_view text, Escaping escaping) {
    switch (escaping) {
        case Escaping::form:
            return percent_encoded(text);
        case Escaping::xml:
            return markup::xml_escaped(text);
        case Escaping::json: {
            const auto quoted = nlohmann::json(std::string(text))
                                    .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
            return quoted.substr(1, quoted.size() - 2);
        }
        case Escaping::none:
            break;
    }
    return std::string(text);
}

std::string value_of(std::string_view word, std::string_view user, std::string_view password) {
    if (word == "{user}") return std::string(user);
    if (word == "{user-base64}") return base64(user);
    if (word == "{password-md5}") return md5_of(as_bytes(password));
    if (word == "{password-sha256}") return sha256_of(as_bytes(password));
    if (word == "{password-base64}") return base64(password);
    return std::string(password);
}

/// The next word in braces from `from` on; empty at npos.
std::string_view next_word(std::string_view text, std::size_t from) {
    for (auto open = text.find('{', from); open != std::string_view::npos; open = text.find('{', open + 1)) {
        const auto close = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-", open + 1);
        if (close != std::string_view::npos && text[close] == '}' && close > open + 1)
            return text.substr(open, close + 1 - open);
    }
    return {};
}

bool is_known(std::string_view word) {
    return std::find(login_words().begin(), login_words().end(), word) != login_words().end();
}

}  // namespace

const std::vector<std::string>& login_words() {
    static const std::vector<std::string> words{
        "{user}", "{user-base64}", "{password}", "{password-base64}", "{password-md5}", "{password-sha256}"};
    return words;
}

std::vector<std::string> unknown_login_words(std::string_view text) {
    std::vector<std::string> unknown;
    for (auto word = next_word(text, 0); !word.empty();
         word = next_word(text, static_cast<std::size_t>(word.data() - text.data()) + word.size()))
        if (!is_known(word)) unknown.emplace_back(word);
    return unknown;
}

bool holds_password(std::string_view text) {
    return std::any_of(login_words().begin(), login_words().end(), [&](const std::string& word) {
        return word.starts_with("{password") && text.find(word) != std::string_view::npos;
    });
}

std::string filled_in(std::string_view text, std::string_view type, std::string_view user,
                      std::string_view password) {
    const auto escaping = escaping_of(type);
    std::string filled;
    std::size_t done = 0;
    for (auto word = next_word(text, 0); !word.empty(); word = next_word(text, done)) {
        const auto at = static_cast<std::size_t>(word.data() - text.data());
        filled += text.substr(done, at - done);
        filled += is_known(word) ? escaped(value_of(word, user, password), escaping) : std::string(word);
        done = at + word.size();
    }
    return filled += text.substr(done);
}

}  // namespace cambench
