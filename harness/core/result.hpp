#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace cambench {

/// Whose trouble a failure is. Only the runner turns a fault into a verdict.
enum class Fault {
    usage,      ///< the user's input is wrong: exit code 64
    bench,      ///< the bench itself failed: verdict ERROR, never FAIL
    dut,        ///< the unit under test misbehaved
    timeout,    ///< a deadline passed
    cancelled,  ///< somebody asked to stop
};

[[nodiscard]] std::string_view to_string(Fault fault);

/// A failure: whose it is and what happened, the outermost frame first.
/// `message` is complete enough to print as it is: "open tap cam0: /dev/net/tun: Permission denied".
struct Error {
    Fault fault = Fault::bench;
    std::string message;

    /// Puts the frame `what` in front: "what: message".
    [[nodiscard]] Error in(std::string_view what) &&;
};

[[nodiscard]] Error bench_error(std::string message);
[[nodiscard]] Error usage_error(std::string message);
[[nodiscard]] Error dut_error(std::string message);
[[nodiscard]] Error timeout_error(std::string message);
[[nodiscard]] Error cancelled_error(std::string message);

/// "what: strerror(number)", a bench fault.
[[nodiscard]] Error system_error(std::string_view what, int error_number);

/// A value or the Error that kept it from being made.
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : content_(std::move(value)) {}
    Result(Error error) : content_(std::move(error)) {}

    [[nodiscard]] bool ok() const { return std::holds_alternative<T>(content_); }
    explicit operator bool() const { return ok(); }

    [[nodiscard]] T& value() & { return std::get<T>(content_); }
    [[nodiscard]] const T& value() const& { return std::get<T>(content_); }
    [[nodiscard]] T&& value() && { return std::get<T>(std::move(content_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    [[nodiscard]] const Error& error() const& { return std::get<Error>(content_); }
    [[nodiscard]] Error&& error() && { return std::get<Error>(std::move(content_)); }

    [[nodiscard]] T value_or(T fallback) && {
        return ok() ? std::get<T>(std::move(content_)) : std::move(fallback);
    }

private:
    std::variant<T, Error> content_;
};

/// Success, or the Error that prevented it.
class [[nodiscard]] Status {
public:
    Status() = default;
    Status(Error error) : error_(std::move(error)) {}

    [[nodiscard]] bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] const Error& error() const& { return *error_; }
    [[nodiscard]] Error&& error() && { return std::move(*error_); }

private:
    std::optional<Error> error_;
};

}  // namespace cambench

#define CAMBENCH_JOIN2(a, b) a##b
#define CAMBENCH_JOIN(a, b) CAMBENCH_JOIN2(a, b)

/// `TRY(expression)`: leaves the function with the error of a failed Status or Result.
#define TRY(...)                                                        \
    do {                                                                \
        auto try_outcome_ = (__VA_ARGS__);                              \
        if (!try_outcome_.ok()) return std::move(try_outcome_).error(); \
    } while (false)

/// `TRY_ASSIGN(auto value, expression)`: takes the value out of a Result or leaves the function with its
/// error.
#define TRY_ASSIGN(declaration, ...) \
    TRY_ASSIGN_VIA(CAMBENCH_JOIN(try_result_, __LINE__), declaration, __VA_ARGS__)
#define TRY_ASSIGN_VIA(name, declaration, ...)      \
    auto name = (__VA_ARGS__);                      \
    if (!name.ok()) return std::move(name).error(); \
    declaration = std::move(name).value()
