#include <re2/re2.h>
#include <algorithm>
#include <array>
#include <memory>

#include "harness/analysis/run/console_reader.hpp"
#include "harness/core/text.hpp"

namespace cambench::analysis {
namespace {

struct Pattern {
    const char* key;
    const char* expression;  ///< RE2, case-insensitive; the first group is the value
};

// Forms seen in boot logs of many makers; none belongs to one product.
constexpr std::array patterns{
    Pattern{"bootloader", R"((U-Boot(?: SPL)? \d{4}\.\d\d[^\x00-\x1f]*|\bIPL_CUST\w*|amboot[^\x00-\x1f]*))"},
    Pattern{"kernel", R"((Linux version \d+\.\d+[^\x00-\x1f]*|Huawei LiteOS V\w+))"},
    Pattern{"soc", R"(\bsoc(?:[ _-]?(?:id|name|type|model))?\s*[:=]\s*([A-Za-z0-9][\w.+/-]*))"},
    Pattern{"soc",
            R"(\b(?:cpu[ _-]?type|chip[ _-]?(?:type|name|model))\s*[:=]\s*([A-Za-z][\w.+/-]*\d[\w.+/-]*))"},
    Pattern{"soc", R"(\(([A-Z]\w+(?: \w+)? T\d\d\w?) SoC\))"},
    Pattern{
        "soc",
        R"(\b((?:hi35\d\d|gk7\d\d\d?|gk71\d\d|ssc3\d\d|nt985\d\d|na51\d\d\d|ak39\d\d|rv11\d\d|rts39\d\d|fh8\d\d\d|xm720)[a-z0-9]*)\b)"},
    Pattern{
        "firmware",
        R"(\b(?:firmware|fw)(?:[ _-]?(?:version|ver|rev|revision|release))?\s*[:=]?\s+v?(\d+\.\d[\w.+-]*))"},
    Pattern{"firmware",
            R"(\b(?:firmware|fw)[ _-]?(?:version|ver|rev|revision|release)\s*[:=]\s*v?(\d[\w.+-]*))"},
    Pattern{"firmware", R"(\bfirmware\s*[:=]\s*v?(\d[\w.+-]*))"},
    Pattern{
        "serial",
        R"(\b(?:serial(?:[ _-]?(?:number|no\.?|num|#))?|s/n|sn)\s*[:=#]\s*([A-Z0-9][A-Z0-9-]*\d[A-Z0-9-]{2,}))"},
    Pattern{"mac",
            R"(\b(?:mac|ethaddr|hwaddr|ethernet|eth\d)\b.{0,40}?\b([0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})\b)"},
    Pattern{
        "model",
        R"(\b(?:model(?:[ _-]?(?:name|number|no\.?))?|product(?:[ _-]?(?:name|model))?|device[ _-]?type)\s*[:=]\s*([A-Za-z0-9][^\x00-\x1f]{1,80}))"},
    Pattern{"hostname", R"(^([A-Za-z0-9][\w.-]*) login:)"},
    Pattern{"hostname", R"(\bhost[ _-]?name\s*[:=]\s*([A-Za-z0-9][\w.-]*))"},
};

constexpr auto keywords =
    R"((u-boot|ipl_cust|amboot|linux version|liteos|soc|cpu|chip|hi35|gk7|ssc3|nt98|na51|ak39|rv11|rts39|fh8|xm720|firmware|fw|serial|s/n|sn|mac|addr|eth|model|product|device|login:|host))";

RE2::Options keyword_options() {
    RE2::Options chosen(RE2::Latin1);  // bytes, not text: a console may say anything
    chosen.set_case_sensitive(false);
    chosen.set_log_errors(false);
    return chosen;
}

/// Compiled once; immutable afterwards.
struct Compiled {
    RE2 any{keywords, keyword_options()};
    std::vector<std::unique_ptr<RE2>> each;
    Compiled() {
        for (const auto& pattern : patterns)
            each.push_back(std::make_unique<RE2>(pattern.expression, keyword_options()));
    }
};

const Compiled& compiled() {
    static const Compiled all;
    return all;
}

}  // namespace

std::vector<IdentityFact> identity_facts(std::string_view line) {
    std::vector<IdentityFact> facts;
    const re2::StringPiece text(line.data(), line.size());
    if (!RE2::PartialMatch(text, compiled().any)) return facts;
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        std::string value;
        if (!RE2::PartialMatch(text, *compiled().each[i], &value)) continue;
        value = std::string(trim(value));
        const bool known = std::any_of(facts.begin(), facts.end(), [&](const IdentityFact& fact) {
            return fact.key == patterns[i].key && fact.value == value;
        });
        if (!value.empty() && !known) facts.push_back({patterns[i].key, value, 0});
    }
    return facts;
}

}  // namespace cambench::analysis
