#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cambench {

/// The words in braces that a login's template may hold: "{user}", "{password}", "{password-md5}", ...
[[nodiscard]] const std::vector<std::string>& login_words();

/// Words in braces that nobody fills in, such as "{passwd}"; in order.
[[nodiscard]] std::vector<std::string> unknown_login_words(std::string_view text);

/// Whether the password, or what is made of it, is among its words.
[[nodiscard]] bool holds_password(std::string_view text);

/// The template with its words filled in as the content type wants them: percent-encoded in forms, escaped in
/// JSON and XML, as they are in everything else. What is filled in is not looked at again.
[[nodiscard]] std::string filled_in(std::string_view text, std::string_view type, std::string_view user,
                                    std::string_view password);

inline constexpr const char* form_type = "application/x-www-form-urlencoded";

}  // namespace cambench
