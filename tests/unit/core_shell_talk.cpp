#include "harness/core/shell_talk.hpp"

#include "tests/catch.hpp"

using namespace cambench;

TEST_CASE("greetings_and_prompts_of_shells_are_told", "[core]") {
    const std::string option = "\xff\xfb\x01\xff\xfb\x03\xff\xfd\x18",
                      subnegotiation = std::string("\xff\xfa\x18\0XTERM\xff\xf0", 11);
    for (const std::string greeting : {
             "BusyBox v1.31.1 (2021-03-04 05:06:07 CST) built-in shell (ash)\nEnter 'help' for a list of "
             "built-in commands.\n\n/ # ",
             "bash: cannot set terminal process group (812): Inappropriate ioctl for device\nbash: no job "
             "control in this shell\nroot@ipcam:/# ",
             "sh: 0: can't access tty; job control turned off\n# ",
             "# ",
             "$ ",
             "/ # ",
             "~ # ",
             "[root@ipc ~]# ",
             "root@anyka:~# ",
             "(none):/mnt/mtd> ",
             "IPCAM>",
             "DahuaShell> ",
             "hisilicon # ",
             "BusyBox v1.26.2 Protect Shell (psh)\nEnter 'help' for a list of davinci system commands.\n\n# ",
             "Microsoft Windows [Version 10.0.19045.2965]\r\n(c) Microsoft Corporation. All rights "
             "reserved.\r\n\r\nC:\\Windows\\system32>",
             "PS C:\\Users\\cam> ",
             "\x1b]0;root@cam: ~\a\x1b[01;32mroot@cam\x1b[00m:\x1b[01;34m~\x1b[00m# ",
             "\r\n\r\nLogin successful\r\n~ $ ",
         }) {
        INFO(greeting);
        CHECK_FALSE(shell_greeting(greeting).empty());
        CHECK_FALSE(shell_greeting(option + greeting).empty());
        CHECK_FALSE(shell_greeting(option + subnegotiation + greeting).empty());
    }
}

TEST_CASE("what_only_looks_a_little_like_a_prompt_is_none", "[core]") {
    for (const std::string text :
         {"", "status fine\n", "<root><a/></root>", "<?xml version=\"1.0\"?>\n<a>", "{\"a\":\">\"}",
          "*HQ,4711,V1,fine#", "12345678#", "97%", "a -> b ->", "GET / HTTP/1.1\r\n", "220 ready\r\n",
          "$GPRMC,123519,A,4807.038,N*6A\r\n", "# a comment\nkey=value\n", "login: ", "\x16\x03\x01\x02",
          "SSH-2.0-dropbear\r\n", "> cited\n> again\n", "x=>"}) {
        INFO(text);
        CHECK(shell_greeting(text).empty());
    }
}

TEST_CASE("what_a_shell_prints_proves_it_and_an_echo_does_not", "[core]") {
    const auto orders =
        std::string(shell_order(0)) + std::string(shell_order(1)) + std::string(shell_order(2));
    for (const std::string said :
         {"uid=0(root) gid=0(root) groups=0(root)\n", "uid=0 gid=0\n",
          "/ # id\r\nuid=1000(cam) gid=1000(cam)\r\n/ # ", "738639\n", "sh: 1: ver: not found\n",
          "-sh: id: not found\n", "/bin/sh: ver: not found\n", "bash: line 2: ver: command not found\n",
          "'id' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n",
          "\r\nMicrosoft Windows [Version 10.0.19045.2965]\r\n"}) {
        INFO(said);
        CHECK_FALSE(shell_output(said, orders).empty());
    }
    CHECK_FALSE(shell_output("sh: 1: 220: not found\n", "220 server ready\r\n").empty());
    for (const std::string& said :
         {orders, std::string("fluid=3 gid=4"), std::string("sh: curl: not found\n"),
          std::string("uid=abc gid=4"), std::string("a738639b\n"), std::string("error: not found\n")}) {
        INFO(said);
        CHECK(shell_output(said, orders).empty());
    }
    CHECK(shell_output("sh: 1: 220: not found\n", "").empty());
    CHECK(repeats_prompt("/ # ls\nbin\n/ # exit\n"));
    CHECK(repeats_prompt("Welcome\n\n[root@ipc ~]# ls\nbin\n[root@ipc ~]# "));
    CHECK_FALSE(repeats_prompt("/ # ls\nbin\n"));
    CHECK(without_terminal_codes("\xff\xff"
                                 "a\x1b[1;31mb\x1b") == "ab");
}
