#include "bench/internet/world/resolver_policy.hpp"

#include "bench/internet/world/name_directory.hpp"

namespace cambench::internet {

void ResolverPolicy::add(const DnsRule& rule) {
    const auto name = canonical_name(rule.name);
    auto& verdict = name.starts_with("*.") ? below_[name.substr(2)] : exact_[name];
    if (rule.answer != DnsAnswer::address || verdict.answer != DnsAnswer::address) verdict = {};
    verdict.answer = rule.answer;
    if (!rule.text.empty()) verdict.text = rule.text;
    if (!rule.service.empty()) verdict.service = rule.service;
    verdict.fails_first = rule.fails_first;
    verdict.failure = rule.failure;
    if (rule.address) (rule.address->is_v4() ? verdict.v4 : verdict.v6) = *rule.address;
}

const ResolverPolicy::Verdict* ResolverPolicy::find(std::string_view name) const {
    if (const auto found = exact_.find(name); found != exact_.end()) return &found->second;
    if (below_.empty()) return nullptr;
    for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
        if (const auto found = below_.find(name.substr(dot + 1)); found != below_.end())
            return &found->second;
    }
    return nullptr;
}

}  // namespace cambench::internet
