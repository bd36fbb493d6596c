#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cambench::internet {

/// Reads a mail's subject and the names of its attachments while its lines go by (RFC 5322, RFC 2183).
class MailParts {
public:
    void take_line(std::string_view line);
    void finish() { take_field(); }
    [[nodiscard]] const std::string& subject() const { return subject_; }
    [[nodiscard]] const std::vector<std::string>& attachments() const { return attachments_; }

private:
    void take_field();

    std::string field_;  ///< unfolded, unfinished
    std::string subject_;
    std::vector<std::string> attachments_;
    bool in_head_ = true;
};

}  // namespace cambench::internet
