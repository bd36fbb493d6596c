#pragma once

#include <string>

#include "bench/probe/web_session.hpp"
#include "harness/steps/step_context.hpp"

namespace cambench {

/// What the camera answered to its operator; status 0: nothing.
struct OperatorAnswer {
    int status = 0;
    std::string body;     ///< its beginning, without secrets
    std::string trouble;  ///< why he could not even ask: his login did not work; "" otherwise

    /// Whether it did what it was asked for.
    [[nodiscard]] bool agreed() const { return trouble.empty() && status >= 200 && status < 300; }
    /// Why it did not, for people.
    [[nodiscard]] std::string objection() const;
};

/// Asks the camera over HTTP as its operator would, from inside the sandbox, with the account of the
/// declaration. `request` is "POST /path"; `body` is sent as it is, with `type` as its content type. Where
/// the declaration has a login he logs in first, once a scenario, and once more when the camera has forgotten
/// him. Leaves "operator-request" and "operator-login" events; no secret is in them.
[[nodiscard]] Result<OperatorAnswer> ask_as_operator(StepContext& context, const std::string& request,
                                                     const std::string& type, const std::string& body);

/// The login the declaration describes; its path is empty when there is none.
[[nodiscard]] probe::WebLogin declared_login(const Declaration* declaration);

}  // namespace cambench
