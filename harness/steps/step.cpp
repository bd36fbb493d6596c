#include "harness/steps/step.hpp"

#include <algorithm>

namespace cambench {

const StepType* find_step(std::string_view name) {
    const auto& types = step_types();
    const auto found = std::find_if(types.begin(), types.end(),
                                    [&](const auto* type) { return type->element.name == name; });
    return found == types.end() ? nullptr : *found;
}

Nanoseconds planned_time(const std::vector<markup::Node>& steps) {
    Nanoseconds sum{};
    for (const auto& step : steps)
        if (const auto* type = find_step(step.name()); type != nullptr && type->takes != nullptr)
            sum += type->takes(step);
    return sum;
}

}  // namespace cambench
