#include "harness/checks/update_contacts.hpp"

#include <algorithm>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

void add_word(std::vector<std::string>& words, const std::string& word) {
    if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
}

}  // namespace

std::vector<analysis::UpdateContact> update_contacts_of(const analysis::Observations& observations,
                                                        const Declaration* declaration) {
    analysis::UnitWords words;
    if (declaration != nullptr) {
        add_word(words.models, declaration->model);
        add_word(words.versions, declaration->identity.firmware);
    }
    for (const auto& fact : observations.console.facts) {
        if (fact.key == "model") add_word(words.models, fact.value);
        if (fact.key == "firmware") add_word(words.versions, fact.value);
    }
    return update_contacts(observations, words);
}

Json update_contacts_json(const analysis::Observations& observations, const Declaration* declaration) {
    Json list = Json::array();
    for (const auto& one : update_contacts_of(observations, declaration)) {
        Json grounds = Json::array();
        for (const auto& ground : one.grounds) grounds.push_back(to_utf8(ground));
        list.push_back(
            {{"server", to_utf8(one.server)},
             {"address", one.destination.address.to_string()},
             {"port", one.destination.port},
             {"encrypted", one.encrypted},
             {"request", to_utf8(one.request)},
             {"times", one.times},
             {"grounds", std::move(grounds)},
             {"certain", one.certain},
             {"offered", one.offered},
             {"image", one.image.empty() ? Json() : Json(one.image)},
             {"image_bytes", one.image_bytes},
             {"frame", one.frame.number == 0 ? Json() : Json(one.frame.number)},
             {"time_s", static_cast<double>(analysis::run_time(observations, one.frame).count()) / 1e9}});
    }
    return list;
}

}  // namespace cambench
