#include "reports/pdf/pdf.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "harness/core/file.hpp"
#include "harness/core/launch/caller.hpp"
#include "harness/core/launch/process.hpp"
#include "harness/core/text.hpp"
#include "reports/escape.hpp"
#include "reports/html/page.hpp"

namespace cambench::reports {
namespace {

namespace fs = std::filesystem;

/// Who runs the browser when we are root, whom its own sandbox refuses: the user who called us through sudo,
/// else nobody.
struct Printer {
    uid_t user = 65534;
    gid_t group = 65534;
};

std::optional<Printer> printer_of() {
    if (geteuid() != 0) return std::nullopt;
    if (const auto caller = sudo_caller()) return Printer{caller->user, caller->group};
    return Printer();
}

/// A private directory that goes away with its content.
class Scratch {
public:
    [[nodiscard]] static Result<Scratch> create(const std::optional<Printer>& printer) {
        std::error_code code;
        // Root's own TMPDIR may be closed to the user the browser runs as.
        auto pattern =
            ((printer ? fs::path("/tmp") : fs::temp_directory_path(code)) / "cambench-pdf-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) return system_error("create a directory for the PDF", errno);
        return Scratch(pattern);
    }
    /// The last that is done in it: whoever owns it may put a link in its place.
    [[nodiscard]] Status give_to(const Printer& printer) const {
        for (const auto& place : {path_ / "report.html", path_})
            if (::lchown(place.c_str(), printer.user, printer.group) != 0)
                return system_error("give away " + place.string(), errno);
        return {};
    }
    Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    Scratch& operator=(Scratch&&) = delete;
    ~Scratch() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    explicit Scratch(fs::path path) : path_(std::move(path)) {}
    fs::path path_;
};

Result<fs::path> find_browser() {
    for (const auto* name : {"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"})
        if (auto program = find_program(name)) return *program;
    return bench_error(
        "write a PDF: no Chromium on this host; install it (apt-get install chromium), or print the HTML "
        "report from any browser");
}

/// Its sandbox stays on, whoever calls: the page is made of what a camera said.
Launch browser_launch(const fs::path& browser, const fs::path& scratch,
                      const std::optional<Printer>& printer) {
    std::vector<std::string> command{browser.string(),
                                     "--headless",
                                     "--disable-gpu",
                                     "--disable-quic",
                                     "--no-first-run",
                                     "--disable-background-networking",
                                     "--disable-component-update",
                                     "--disable-sync",
                                     "--disable-extensions",
                                     "--no-pdf-header-footer",
                                     "--host-resolver-rules=MAP * ~NOTFOUND",
                                     "--user-data-dir=" + (scratch / "profile").string(),
                                     "--print-to-pdf=" + (scratch / "report.pdf").string(),
                                     "file://" + (scratch / "report.html").string()};
    if (printer) {
        const std::vector<std::string> before{"setpriv",
                                              fmt::format("--reuid={}", printer->user),
                                              fmt::format("--regid={}", printer->group),
                                              "--clear-groups",
                                              "--pdeathsig",
                                              "KILL",
                                              "env",
                                              "HOME=" + scratch.string(),
                                              "TMPDIR=" + scratch.string()};
        command.insert(command.begin(), before.begin(), before.end());
    }
    return {std::move(command), {}, {}, {}, {}};
}

}  // namespace

Status write_pdf_report(const FinishedRun& run, const fs::path& file, Deadline deadline) {
    TRY_ASSIGN(const auto browser, find_browser());
    const auto printer = printer_of();
    TRY_ASSIGN(const auto scratch, Scratch::create(printer));
    TRY(write_file_atomically(scratch.path() / "report.html", html_report(run, Folding::for_paper)));
    if (printer) TRY(scratch.give_to(*printer));
    auto printed = run_command(browser_launch(browser, scratch.path(), printer), "", deadline);
    if (!printed) return std::move(printed).error().in("write a PDF");
    if (printed->text.find("No usable sandbox") != std::string::npos)
        return bench_error(
            "write a PDF: this host lets Chromium have no sandbox (install chromium-sandbox, or allow user "
            "namespaces), and without one it is not run; print the HTML report from any browser");
    auto pdf = read_text_file(scratch.path() / "report.pdf", longest_text_file, Links::refused);
    if (printed->exit_code != 0 || !pdf || !pdf->starts_with("%PDF-"))
        return bench_error(fmt::format("write a PDF: {} exited with {}: {}", browser.string(),
                                       printed->exit_code, shortened(trim(printed->text), 400)));
    return write_file_atomically(file, *pdf);
}

}  // namespace cambench::reports
