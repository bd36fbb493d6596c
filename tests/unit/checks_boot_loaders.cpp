// Boot loaders of many makers before autoboot-locked: in which order their stages, their countdown and the
// kernel come.
#include "harness/analysis/run/console_boot.hpp"
#include "tests/catch.hpp"
#include "tests/unit/console_run.hpp"

using namespace cambench;
using analysis::BootSign;

namespace {

/// What a unit says in one boot, in two parts: up to where its boot loader can be stopped, and from there on.
struct BootLog {
    const char* maker;
    std::string before, after;
};

const std::string linux_runs =
    "[    0.000000] Linux version 4.9.84 (build@host)\r\n[    1.200000] Freeing unused kernel memory: "
    "236K\r\nIPC login: ";

const std::vector<BootLog>& boot_logs() {
    static const std::vector<BootLog> logs{
        {"HiSilicon, first stage unpacks",
         "\r\nSystem startup\r\n\r\nUncompress Ok!\r\n\r\nU-Boot 2016.11 (Apr 03 2019 - 18:54:33 "
         "+0800)hi3516ev200\r\nHit any key to stop autoboot:  2 ",
         "\b\b\b 0 \r\nStarting kernel ...\r\n" + linux_runs},
        {"HiSilicon, unpacks behind its banner",
         "U-Boot 2016.11 (Jan 01 2021 - 10:00:00)hi3516ev300\r\nUncompress Ok!\r\nHit ctrl+c to stop "
         "autoboot:  1 ",
         "\r\nStarting kernel ...\r\n" + linux_runs},
        {"HiSilicon with LiteOS",
         "System startup\r\nU-Boot 2010.06 (Sep 14 2018 - 18:52:25)\r\nPress Ctrl+C to stop autoboot\r\n",
         "## Starting application at 0x80008000 ...\r\n********hello Huawei LiteOS ARM926********\r\n"},
        {"Ingenic",
         "\r\n\r\nU-Boot SPL 2013.07 (Oct 26 2020 - 14:49:24)\r\nBoard: ISVP (Ingenic XBurst T31 "
         "SoC)\r\nimage entry point: 0x80100000\r\n\r\nU-Boot 2013.07 (Oct 26 2020 - 14:49:24)\r\nHit any "
         "key to stop autoboot:  1 ",
         "\r\n## Booting kernel from Legacy Image at 80600000 ...\r\n   Uncompressing Kernel Image ... "
         "OK\r\nStarting kernel ...\r\n" +
             linux_runs},
        {"Ingenic, SPL announces the kernel",
         "U-Boot SPL 2013.07 (Jul 28 2017 - 17:10:01)\r\nStarting kernel loader\r\nUncompressing Linux... "
         "done, booting the kernel.\r\nU-Boot 2013.07-g1 (Jul 28 2017)\r\nHit any key to stop autoboot:  0 ",
         "\r\n" + linux_runs},
        {"SigmaStar",
         "IPL 648312b\r\nD-05\r\nLoad IPL_CUST from NOR\r\nIPL_CUSTg2cd6de2\r\nrunUBOOT()\r\n -Decompress "
         "XZ\r\n\r\nU-Boot 2015.01 (Jun 24 2020 - 11:37:44)\r\nHit any key to stop autoboot:  0 ",
         "\r\nStarting kernel ...\r\n" + linux_runs},
        {"SigmaStar, IPL says that it unpacks Linux",
         "IPL 1ab38bf\r\nUncompressing Linux\r\nIPL_CUSTg2cd6de2\r\nU-Boot 2015.01 (Aug 24 2021 - "
         "16:02:11)\r\nHit any key to stop autoboot:  1 ",
         "\r\n" + linux_runs},
        {"Fullhan",
         "ROM:   Use nor flash.\r\nROM:    Init DDR..Training done. \r\n\r\nU-Boot 2010.06-dirty (Sep 24 "
         "2024 - 13:31:40)\r\nPress 'E' to stop autoboot:  1 ",
         "\b\b\b 0 \r\n## Booting kernel from Legacy Image at a1000000 ...\r\nStarting kernel ...\r\n" +
             linux_runs},
        {"Goke",
         "U-Boot 2012.10 (Jun 27 2019 - 09:59:18) for GK7102S rb-sc1045-v2.0 (GOKE)\r\nHAL:  20160804\r\nHit "
         "Enter key to stop autoboot:  1 ",
         "\r\n## Transferring control to Linux (at address c1000000)...\r\n" + linux_runs},
        {"Goke, password and no words",
         "System startup\r\nUncompress Ok!\r\nU-Boot 2016.11-g4bd9c94-dirty (Apr 22 2022 - 21:25:43 "
         "+0800)gk7205v300\r\nautoboot:  1 ",
         "\r\n" + linux_runs},
        {"Ambarella", "AMBoot(R) Ambarella(R) Copyright (C) 2004-2015\r\nBoot From: NAND 2048\r\n",
         "Transferring control to Linux\r\n" + linux_runs},
        {"Novatek",
         "LD_VER 00.00.04\r\nLoader NVT Start ...\r\n\r\nU-Boot 2014.07 (Feb 26 2019 - 18:20:07)\r\nWelcome "
         "to uboot\r\nHit any key to stop autoboot:  1 ",
         "\r\nStarting kernel ...\r\n" + linux_runs},
        {"Novatek, loader asks for a login",
         "0NA51039 Version 3.0.5\r\nU-Boot 2016.07 (Jan 29 2021 - 17:41:18 +0800) ver 2.0.7\r\nuboot login: "
         "\r\n",
         "\r\nStarting kernel ...\r\n" + linux_runs},
        {"ESP32",
         "ESP-ROM:esp32s3-20210327\r\nrst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n\x1b[0;32mI (29) "
         "boot: ESP-IDF v4.4 2nd stage bootloader\x1b[0m\r\n",
         "\x1b[0;32mI (410) cpu_start: Starting scheduler.\x1b[0m\r\n"},
        {"Rockchip",
         "DDR V1.10 ec2fae0c96 wesley.yao 22/11/15-10:58:09\r\nU-Boot SPL board init\r\n## Verified-boot: "
         "0\r\nU-Boot 2017.09 (Nov 15 2022)\r\nHit key to stop autoboot('CTRL+C'):  1 ",
         "\r\nStarting kernel ...\r\n" + linux_runs},
        {"Anyka",
         "\xff\xfeU-Boot 2013.10.0-AK_V2.0.04 (Jan 29 2024 - 11:07:05)\r\nLoad Env CRC OK!\r\nHit any key to "
         "stop autoboot:  3 ",
         "\r\nStarting kernel ...\r\n" + linux_runs},
        {"Texas Instruments", "TI UBL Version: 1.51\r\nUncompressing Linux\r\nNeutral Bootloader  V3.08\r\n",
         "Starting kernel ...\r\n" + linux_runs},
        {"loader behind a loader",
         "U-Boot 2010.06 (Jun 17 2014 - 10:50:48)\r\n## Booting kernel from Legacy Image at 82000000 "
         "...\r\nStarting kernel ...\r\n\r\nU-Boot 2020.01 (Mar 20 2023)\r\nPress Ctrl-c to stop autoboot... "
         "1 ",
         "\r\nStarting kernel ...\r\n" + linux_runs},
        {"a first kernel starts the loader",
         "Linux version 3.4.35 (recovery)\r\nU-Boot 2016.11 (Apr 03 2019)\r\nHit any key to stop autoboot:  "
         "2 ",
         "\r\nStarting kernel ...\r\n" + linux_runs},
        {"a silent kernel", "U-Boot 2016.11 (Apr 03 2019)\r\nHit any key to stop autoboot:  2 ",
         "\r\nWelcome to HiLinux.\r\nLocalHost login: "},
    };
    return logs;
}

Json told(std::uint64_t sent) { return {{"words", {"cb7001"}}, {"sent", sent}, {"ended", "boot"}}; }
const std::string proof = "root\r\nPassword: echo cb${cbx}7009\r\nLogin incorrect\r\n";

ConsoleRun& at_login(ConsoleRun& run) {
    return run.begins().types("echo cb${cbx}7009\r").says(proof).probed("shell", {{"words", {"cb7009"}}});
}

}  // namespace

TEST_CASE("a boot loader that takes a command is open, whatever came before it") {
    for (const auto& log : boot_logs()) {
        INFO(log.maker);
        ConsoleRun run;
        run.power_on()
            .begins()
            .types("keys")
            .says(log.before)
            .types("echo")
            .says("\r\n# echo cb${cbx}7001\r\ncb7001\r\n# ")
            .probed("autoboot", told(90));
        const bool asks_for_a_name =
            log.before.find("login:") != std::string::npos;  // so does user land behind a silent kernel
        CHECK(run.verdict_of("autoboot-locked") == (asks_for_a_name ? Verdict::inconclusive : Verdict::fail));
    }
}

TEST_CASE("a boot loader at which typing went on until the kernel ran is locked") {
    for (const auto& log : boot_logs()) {
        INFO(log.maker);
        ConsoleRun run;
        run.power_on()
            .begins()
            .types("keys")
            .says(log.before)
            .types("keys")
            .says(log.after)
            .probed("autoboot", told(400));
        CHECK(at_login(run).verdict_of("autoboot-locked") == Verdict::pass);
    }
}

TEST_CASE("typing that ended before the boot loader said what it is proves nothing") {
    for (const auto& log : boot_logs()) {
        INFO(log.maker);
        ConsoleRun run;
        run.power_on()
            .begins()
            .types("keys")
            .says(log.before.substr(0, 4))
            .probed("autoboot", told(26))
            .says(log.before.substr(4))
            .says(log.after);
        CHECK(at_login(run).verdict_of("autoboot-locked") == Verdict::inconclusive);
    }
}

TEST_CASE("a kernel that never showed leaves open whether the keys stopped the boot") {
    for (const auto& log : boot_logs()) {
        INFO(log.maker);
        ConsoleRun run;
        run.power_on().begins().types("keys").says(log.before).types("keys").probed("autoboot", told(400));
        CHECK(run.verdict_of("autoboot-locked") == Verdict::inconclusive);
    }
}

TEST_CASE("keys before the banner alone were typed at another stage") {
    ConsoleRun run;
    run.power_on()
        .begins()
        .types("keys")
        .says("System startup\r\nUncompress Ok!\r\n\r\n")
        .says("U-Boot 2016.11 (Apr 03 2019)hi3516ev200\r\nHit any key to stop autoboot:  2 ");
    run.says("\r\nStarting kernel ...\r\n" + linux_runs).probed("autoboot", told(26));
    const auto result = at_login(run).judged_by("autoboot-locked");
    CHECK(result.verdict == Verdict::inconclusive);
    CHECK(result.title == "the last key was typed before the boot loader began");
}

TEST_CASE(
    "a unit that starts anew by itself after user land was up is judged by the boot in which somebody "
    "typed") {
    ConsoleRun run;
    run.power_on()
        .begins()
        .types("keys")
        .says("U-Boot 2015.01 (Jun 24 2020)\r\n")
        .types("keys")
        .says("Starting kernel ...\r\n" + linux_runs + "\r\n")
        .probed("autoboot", told(400));
    run.says("reboot: Restarting system\r\n")
        .says("U-Boot 2015.01 (Jun 24 2020)\r\nHit any key to stop autoboot:  0 \r\nStarting kernel ...\r\n" +
              linux_runs);
    CHECK(at_login(run).verdict_of("autoboot-locked") == Verdict::pass);
}

TEST_CASE("what a line says of a boot") {
    struct Line {
        const char* text;
        BootSign sign;
    };
    for (const auto& [text, sign] : std::vector<Line>{
             {"U-Boot 1.3.4-30623 (Dec  6 2012 - 11:05:48)", BootSign::banner},
             {"Uncompress Ok!", BootSign::none},
             {"   Uncompressing Kernel Image ... OK", BootSign::none},
             {"Uncompressing Linux... done, booting the kernel.", BootSign::announced},
             {"Kernel command line: console=ttyS0 ver=U-Boot 2010.06 (Aug 26 2015)", BootSign::none},
             {"ver=U-Boot 2010.06 (Aug 26 2015 - 13:52:10)", BootSign::none},
             {"0x000000000000-0x000000040000 : \"U-Boot 2015\"", BootSign::none},
             {"[    0.912000] mtd: U-Boot 2016.11", BootSign::kernel},
             {"Press any key to enter u-boot", BootSign::countdown},
             {"Autoboot in 3 seconds", BootSign::countdown},
             {"barebox 2023.04.0 #1", BootSign::banner},
             {"RedBoot(tm) bootstrap and debug environment [ROM]", BootSign::banner},
             {"NOTICE:  BL31: v2.1(release)", BootSign::banner},
             {"*** Booting Zephyr OS build v3.4.0 ***", BootSign::kernel},
             {"init started: BusyBox v1.26.2 (2018-11-14 10:53:10 CST)", BootSign::userland},
             {"IPC login: ", BootSign::login}}) {
        INFO(text);
        CHECK(analysis::boot_sign(text) == sign);
    }
}
