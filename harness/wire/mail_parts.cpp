#include "harness/wire/mail_parts.hpp"

#include <algorithm>
#include <utility>

#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t longest_field = 4096, most_attachments = 256;

/// The value of `name=` in a field, with or without quotes; "" without it.
std::string parameter(std::string_view field, std::string_view name) {
    const auto small = lower(field);
    const auto found = small.find(name);
    if (found == std::string::npos) return {};
    auto value = field.substr(found + name.size());
    if (value.starts_with('"')) return std::string(value.substr(1, value.find('"', 1) - 1));
    return std::string(trim(value.substr(0, value.find_first_of("; \t\r\n"))));
}

}  // namespace

void MailParts::take_line(std::string_view line) {
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("--")) in_head_ = true;  // a part begins: its head follows the boundary
    if (!in_head_) return;
    if (line.empty()) {
        take_field();
        in_head_ = false;
    } else if (line.starts_with(' ') || line.starts_with('\t')) {
        if (field_.size() < longest_field) field_.append(" ").append(trim(line));
    } else {
        take_field();
        field_ = line.substr(0, longest_field);
    }
}

void MailParts::take_field() {
    const auto field = std::exchange(field_, {});
    const auto name = lower(field.substr(0, field.find(':')));
    if (name == "subject" && subject_.empty()) subject_ = trim(std::string_view(field).substr(8));
    if (name != "content-disposition" && name != "content-type") return;
    auto file = parameter(field, "filename=");
    if (file.empty()) file = parameter(field, "name=");
    const bool known = std::find(attachments_.begin(), attachments_.end(), file) != attachments_.end();
    if (!file.empty() && !known && attachments_.size() < most_attachments)
        attachments_.push_back(std::move(file));
}

}  // namespace cambench::internet
