#include "harness/checks/check.hpp"
#include "tests/catch.hpp"
#include "tests/unit/console_run.hpp"

using namespace cambench;

namespace {

const std::string boot_loader =
    "U-Boot 2016.11 (Apr 03 2019 - 18:54:33 +0800)hi3516ev200\r\nHit any key to stop autoboot:  1\r\n";
const std::string kernel = "Starting kernel ...\r\n[    0.000000] Linux version 4.9.37 (root@build)\r\n";
const std::string login = "\r\nHV-2100 login: ";
const std::string echoed_at_login = "echo cb${cbx}7009\r\nPassword: \r\nLogin incorrect\r\n";

Json words(const std::string& word) { return {{"words", {word}}, {"sent", 400}, {"ended", "boot"}}; }

/// A locked unit: keys at the boot loader, then a command at the login, which echoes it.
ConsoleRun locked_unit() {
    ConsoleRun run;
    run.power_on()
        .says(boot_loader.substr(0, 30))
        .begins()
        .types("keys")
        .says(boot_loader.substr(30))
        .says(kernel)
        .probed("autoboot", words("cb7001"));
    run.says(login)
        .begins()
        .types("echo cb${cbx}7009\r")
        .says(echoed_at_login)
        .probed("shell", {{"words", {"cb7009"}}});
    return run;
}

Declaration declared_console() {
    Declaration declaration;
    declaration.console = {Declaration::SerialConsole::Output::boot_log, 115200U};
    return declaration;
}

}  // namespace

TEST_CASE("autoboot that let no key in passes when the typing provably arrived") {
    auto run = locked_unit();
    const auto result = run.judged_by("autoboot-locked");
    CHECK(result.verdict == Verdict::pass);
    CHECK_FALSE(result.evidence.empty());
}

TEST_CASE("without an echo anywhere a locked boot loader and a missing wire look the same") {
    ConsoleRun run;
    run.power_on()
        .begins()
        .types("keys")
        .says(boot_loader)
        .says(kernel)
        .probed("autoboot", words("cb7001"))
        .says(login);
    CHECK(run.verdict_of("autoboot-locked") == Verdict::inconclusive);
}

TEST_CASE("a boot loader that runs a command fails, and the finding cites its line") {
    ConsoleRun run;
    run.power_on()
        .begins()
        .types("keys")
        .says(boot_loader)
        .says("hisilicon # echo cb${cbx}7001\r\ncb7001\r\nhisilicon # ")
        .probed("autoboot", {{"words", {"cb7001"}}, {"sent", 90}});
    const auto result = run.judged_by("autoboot-locked");
    CHECK(result.verdict == Verdict::fail);
    REQUIRE_FALSE(result.findings.empty());
    CHECK(result.findings.front().evidence.front().line == 4U);
}

TEST_CASE("a prompt's text alone is no proof, and a boot that stopped there is no pass") {
    ConsoleRun run;
    run.power_on()
        .begins()
        .types("keys")
        .says(boot_loader)
        .says("hisilicon # \r\nhisilicon # \r\n")
        .probed("autoboot", {{"words", {"cb7001"}}, {"sent", 90}, {"ended", "deadline"}});
    CHECK(run.verdict_of("autoboot-locked") == Verdict::inconclusive);
}

TEST_CASE("the echo of a command is not its answer") {
    ConsoleRun run;
    run.power_on()
        .begins()
        .says(boot_loader)
        .says("echo cb${cbx}7001\r\n")
        .says(kernel)
        .probed("autoboot", words("cb7001"));
    CHECK(run.verdict_of("autoboot-locked") == Verdict::pass);
}

TEST_CASE("keys typed after the boot loader was over prove nothing about it") {
    ConsoleRun run;
    run.power_on()
        .says(boot_loader)
        .says(kernel)
        .says(login)
        .begins()
        .types("keys")
        .says("echo cb${cbx}7001\r\nHV-2100 login: ")
        .probed("autoboot", words("cb7001"));
    CHECK(run.verdict_of("autoboot-locked") == Verdict::inconclusive);
}

TEST_CASE("keys that reached the boot loader prove nothing for a login that was tried later") {
    ConsoleRun run;
    run.power_on()
        .begins()
        .types("keys")
        .says(boot_loader)
        .types("keys")
        .says(kernel)
        .says("ho cb${cbx}7001\r\n")
        .probed("autoboot", words("cb7001"));
    run.begins().types("echo cb${cbx}7002\r").probed("shell", {{"words", {"cb7002"}}});
    CHECK(run.verdict_of("autoboot-locked") == Verdict::pass);
    CHECK(run.verdict_of("no-default-login") == Verdict::inconclusive);
}

TEST_CASE("a scenario that never tried leaves the consoles' checks inconclusive") {
    ConsoleRun run;
    run.power_on().says(boot_loader).says(kernel).says(login);
    for (const auto* check : {"autoboot-locked", "no-default-login", "bootrom-closed"})
        CHECK(run.verdict_of(check) == Verdict::inconclusive);
}

TEST_CASE("a console that said nothing passes no check") {
    ConsoleRun run;
    run.power_on()
        .begins()
        .types("keys")
        .probed("autoboot", words("cb7001"))
        .probed("shell", {{"words", {"cb7002"}}})
        .probed("bootrom")
        .declares(declared_console());
    for (const auto* check : {"console-output", "autoboot-locked", "no-default-login", "bootrom-closed",
                              "no-secrets-in-boot-log", "secure-boot-marked", "no-console-toggles"})
        CHECK(run.verdict_of(check) == Verdict::inconclusive);
}

TEST_CASE("a login that refuses known accounts passes") {
    auto run = locked_unit();
    run.begins()
        .says("root\r\nPassword: \r\nLogin incorrect\r\n")
        .says(login)
        .probed("login",
                {{"user", "root"}, {"password", "xmhdipc"}, {"prompt", true}, {"password_typed", true}});
    CHECK(run.verdict_of("no-default-login") == Verdict::pass);
}

TEST_CASE("an account that was not seen to be refused is not cleared") {
    auto astray = locked_unit();
    astray.begins()
        .says("root\r\nPassword: \r\n")
        .probed("login",
                {{"user", "root"}, {"password", "xmhdipc"}, {"prompt", true}, {"password_typed", true}});
    CHECK(astray.verdict_of("no-default-login") == Verdict::inconclusive);
    auto untyped = locked_unit();
    untyped.begins()
        .says("root\r\nPassword: \r\nLogin incorrect\r\n")
        .says(login)
        .probed("login", {{"user", "root"}, {"password", "xmhdipc"}, {"prompt", true}});
    CHECK(untyped.verdict_of("no-default-login") == Verdict::inconclusive);
}

TEST_CASE("a login that takes a known password fails and names the account") {
    auto run = locked_unit();
    run.begins()
        .says("root\r\nPassword: \r\n~ # echo cb${cbx}7010\r\ncb7010\r\n~ # ")
        .probed("login",
                {{"user", "root"}, {"password", "xmhdipc"}, {"prompt", true}, {"words", {"cb7010"}}});
    const auto result = run.judged_by("no-default-login");
    CHECK(result.verdict == Verdict::fail);
    CHECK(result.title.find("'root' with the password 'xmhdipc'") != std::string::npos);
}

TEST_CASE("a shell without a login fails, and is not held against the boot loader") {
    ConsoleRun run;
    run.power_on().begins().says(boot_loader).says(kernel).probed("autoboot", words("cb7001"));
    run.says("\r\n~ # ")
        .begins()
        .says("echo cb${cbx}7002\r\ncb7002\r\n~ # ")
        .probed("shell", {{"words", {"cb7002"}}});
    CHECK(run.verdict_of("no-default-login") == Verdict::fail);
    CHECK(run.verdict_of("autoboot-locked") == Verdict::pass);
}

TEST_CASE("an account that leads to a prompt which runs no command is not cleared") {
    auto run = locked_unit();
    run.begins()
        .says("root\r\nPassword: \r\n\r\nBusyBox psh\r\n# \r\n")
        .probed("login",
                {{"user", "root"}, {"password", "hiklinux"}, {"prompt", true}, {"words", {"cb7011"}}});
    CHECK(run.verdict_of("no-default-login") == Verdict::inconclusive);
}

TEST_CASE("a boot ROM that acknowledges an announced file fails; blanks alone are not told") {
    ConsoleRun open;
    open.power_on().begins().says("     \xaa\xaa").probed("bootrom");
    CHECK(open.verdict_of("bootrom-closed") == Verdict::fail);
    ConsoleRun waiting;
    waiting.power_on().begins().says("                ").probed("bootrom");
    CHECK(waiting.verdict_of("bootrom-closed") == Verdict::inconclusive);
    ConsoleRun echoing;
    echoing.power_on().begins().says(std::string("     \xaa\xaa\xfe\x00\xff\x01", 11)).probed("bootrom");
    CHECK(echoing.verdict_of("bootrom-closed") == Verdict::inconclusive);
}

TEST_CASE("a log that begins with text has no boot ROM that offers a download, however it is indented") {
    auto run = locked_unit();
    CHECK(run.verdict_of("bootrom-closed") == Verdict::inconclusive);
    ConsoleRun cold;
    cold.power_on().begins().says("\r\nSystem startup\r\n        DRAM: 64 MiB\r\n").probed("bootrom");
    cold.says(kernel).says(login).begins().says(echoed_at_login).probed("shell", {{"words", {"cb7009"}}});
    CHECK(cold.verdict_of("bootrom-closed") == Verdict::pass);
}

TEST_CASE("secrets of many forms fail and are not printed whole in the report") {
    for (const auto* secret :
         {"-----BEGIN RSA PRIVATE KEY-----", "Kernel command line: console=ttyAMA0 init=/bin/sh",
          "root:$1$abcd$Q7m0cXv9s2eR1yTjKp4bN/:0:0:root:/:/bin/sh", "root:ToCOv8qxP13qs:0:0:root:/:/bin/sh",
          "wifi: psk=\"correcthorse\"", "cloud device_token=hv-7f3a09c1d2e84b56",
          "onvif: admin password: haneul-2100", "rtsp://admin:hunter22@192.168.1.9/live",
          "aws AKIAIOSFODNN7EXAMPLE"}) {
        ConsoleRun run;
        run.power_on().says(boot_loader).says(kernel).says(std::string(secret) + "\r\n").says(login);
        const auto result = run.judged_by("no-secrets-in-boot-log");
        INFO(secret);
        CHECK(result.verdict == Verdict::fail);
        CHECK(result.findings.front().evidence.front().line == 5U);
        CHECK(result.findings.front().detail.find("correcthorse") == std::string::npos);
        CHECK(result.findings.front().detail.find("hunter22") == std::string::npos);
    }
}

TEST_CASE("what a healthy log says about passwords and keys is no secret") {
    for (const auto* line : {"Password: ", "password is required", "Loading keyring: token ring driver",
                             "random: crng init done", "password: ********", "psk=<hidden>",
                             "init started: BusyBox v1.19.3", "login: password incorrect",
                             "root:x:0:0:root:/:/bin/sh", "Key hash pass!", "KEYN_ADDRESS(0x23c06790)"}) {
        ConsoleRun run;
        run.power_on().says(boot_loader).says(kernel).says(std::string(line) + "\r\n").says(login);
        INFO(line);
        CHECK(run.verdict_of("no-secrets-in-boot-log") == Verdict::pass);
    }
}

TEST_CASE("a question for a password that a line of the log runs into tells none") {
    ConsoleRun run;
    run.power_on()
        .says(boot_loader)
        .says(kernel)
        .says(login)
        .types("root\r")
        .says("root\r\nPassword: eth0: link is up\r\n")
        .says("\r\nadmin password: [set by operator]\r\n");
    CHECK(run.verdict_of("no-secrets-in-boot-log") == Verdict::pass);
}

TEST_CASE("what the bench typed itself is no secret of the unit") {
    ConsoleRun run;
    run.power_on()
        .says(boot_loader)
        .says(kernel)
        .types("setpassword=hichiphx\r")
        .says("password=hichiphx\r\n")
        .says(login);
    CHECK(run.verdict_of("no-secrets-in-boot-log") == Verdict::pass);
}

TEST_CASE("the console's output is judged by its declaration") {
    auto run = locked_unit();
    CHECK(run.verdict_of("console-output") == Verdict::inconclusive);
    run.declares(Declaration{});
    CHECK(run.verdict_of("console-output") == Verdict::fail);
    run.declares(declared_console());
    CHECK(run.verdict_of("console-output") == Verdict::pass);
    run.event("console", "opened", {{"baud", 57600}});
    CHECK(run.verdict_of("console-output") == Verdict::fail);
}

TEST_CASE("noise is not output: the rate is wrong") {
    ConsoleRun run;
    run.power_on().declares(declared_console());
    for (int i = 0; i < 20; ++i) run.says("\xf8\x80\x9c\xfe\x0f\xe0\n");
    CHECK(run.verdict_of("console-output") == Verdict::inconclusive);
}

TEST_CASE("the declared marker of secure boot must stand in every boot") {
    Declaration declaration;
    declaration.secure_boot_markers = {"Imgsign pass"};
    ConsoleRun both;
    both.power_on()
        .says("Imgsign pass\r\n")
        .says(kernel)
        .event("power", "off")
        .power_on()
        .says("Imgsign pass\r\n")
        .says(kernel)
        .declares(declaration);
    CHECK(both.verdict_of("secure-boot-marked") == Verdict::pass);
    ConsoleRun once;
    once.power_on()
        .says("Imgsign pass\r\n")
        .says(kernel)
        .event("power", "off")
        .power_on()
        .says(boot_loader)
        .says(kernel)
        .declares(declaration);
    CHECK(once.verdict_of("secure-boot-marked") == Verdict::fail);
    ConsoleRun undeclared;
    undeclared.power_on().says("Imgsign pass\r\n").says(kernel).declares(Declaration{});
    CHECK(undeclared.verdict_of("secure-boot-marked") == Verdict::inconclusive);
}

TEST_CASE("words that say nothing is enforced fail whatever else is printed") {
    Declaration declaration;
    declaration.secure_boot_markers = {"Imgsign pass"};
    for (const auto* line : {"## Verified-boot: 0", "[SECURE_INF]: <<< Non-Secure Boot >>>",
                             "tuya verify failed", "Secure boot: disabled"}) {
        ConsoleRun run;
        run.power_on()
            .says("Imgsign pass\r\n" + std::string(line) + "\r\n")
            .says(kernel)
            .declares(declaration);
        INFO(line);
        CHECK(run.verdict_of("secure-boot-marked") == Verdict::fail);
    }
}

TEST_CASE("known toggles of a debug console fail") {
    auto run = locked_unit();
    CHECK(run.verdict_of("no-console-toggles") == Verdict::pass);
    run.says("xmuart=0\r\n");
    CHECK(run.verdict_of("no-console-toggles") == Verdict::fail);
}

TEST_CASE("probes with fields of any kind harm no check") {
    ConsoleRun run;
    run.power_on()
        .says(boot_loader)
        .event("scenario", "console-probe", {{"probe", 7}, {"from", "x"}, {"to", -1}, {"words", 3}});
    run.event(
        "scenario", "console-probe",
        {{"probe", "autoboot"}, {"from", 1ULL << 62}, {"to", 0}, {"words", {"", "a", nullptr}}, {"sent", 5}});
    for (const auto* check : {"autoboot-locked", "no-default-login", "bootrom-closed"})
        CHECK(run.verdict_of(check) == Verdict::inconclusive);
}
