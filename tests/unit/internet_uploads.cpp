#include "bench/internet/services/clouds/mqtt.hpp"
#include "bench/internet/services/files/ftp.hpp"
#include "bench/internet/services/files/smtp.hpp"
#include "bench/internet/tls/tls.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/wire/mail_parts.hpp"
#include "harness/wire/mqtt_message.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;
using namespace std::string_literals;

namespace {

std::string greeting(StreamDialogue& dialogue) {
    Output output;
    dialogue.silence(output);
    return output.bytes;
}

const std::string connect_311 = "\x10\x18\0\4MQTT\4\xc2\0\x3c\0\5cam-1\0\1u\0\2pw"s;

}  // namespace

TEST_CASE("an MQTT client of version 3.1.1 logs in, publishes at every QoS, and its words are kept") {
    for (const std::size_t piece : {0, 1, 7}) {
        TestWorld test;
        auto conversation = make_conversation(test.world, test.flow("198.51.100.7", 1883, Transport::tcp));
        CHECK(say(*conversation, connect_311, piece) == "\x20\2\0\0"s);
        const auto login = test.recorder.last("mqtt");
        CHECK(login["message"] == "connect");
        CHECK(login["version"] == 4);
        CHECK(login["client_id"] == "cam-1");
        CHECK(login["user"] == "u");
        CHECK(login["password"] == "pw");
        CHECK(say(*conversation, "\x30\7\0\1aword"s, piece).empty());
        CHECK(test.recorder.last("mqtt")["payload"] == "word");
        CHECK(test.recorder.last("mqtt")["topic"] == "a");
        CHECK(say(*conversation, "\x33\7\0\1a\0\5xy"s, piece) == "\x40\2\0\5"s);
        CHECK(test.recorder.last("mqtt")["retain"] == true);
        CHECK(say(*conversation, "\x34\7\0\1a\0\6xy"s, piece) == "\x50\2\0\6"s);
        CHECK(say(*conversation, "\x62\2\0\6"s, piece) == "\x70\2\0\6"s);
        CHECK(say(*conversation, "\xc0\0"s, piece) == "\xd0\0"s);
        (void)say(*conversation, "\xe0\0"s, piece);
        CHECK(test.recorder.last("mqtt")["message"] == "disconnect");
    }
}

TEST_CASE("retained messages reach whoever subscribes to their topic, and nobody else") {
    Personality personality;
    personality.mqtt_retained = {{"dev/1/cmd", "reboot", 1}, {"other", "x", 0}};
    TestWorld test(personality);
    auto conversation = make_conversation(test.world, test.flow("198.51.100.7", 8000, Transport::tcp));
    (void)say(*conversation, connect_311);
    CHECK(say(*conversation,
              "\x82\x0e\0\1\0\x09"
              "dev/+/cmd\1"s) == "\x90\3\0\1\1"s +
                                     "\x33\x13\0\x09"
                                     "dev/1/cmd\0\1reboot"s);
    CHECK(test.recorder.last("mqtt")["message"] == "deliver");
    CHECK(test.recorder.all("mqtt")[1]["filters"][0] == "dev/+/cmd");
    CHECK(say(*conversation, "\x82\x08\0\2\0\3zzz\0"s) == "\x90\3\0\2\0"s);
    CHECK(say(*conversation, "\xa2\x07\0\3\0\3zzz"s) == "\xb0\2\0\3"s);
}

TEST_CASE("an MQTT client of version 5 is answered in version 5") {
    TestWorld test;
    auto conversation = make_conversation(test.world, test.flow("198.51.100.7", 1883, Transport::tcp));
    // a session expiry interval among the properties, no client id
    CHECK(say(*conversation, "\x10\x12\0\4MQTT\5\2\0\x3c\5\x11\0\0\0\x0a\0\0"s) ==
          "\x20\x0e\0\0\x0b\x12\0\x08"
          "client-1"s);
    CHECK(say(*conversation, "\x30\6\0\1a\0hi"s).empty());
    CHECK(test.recorder.last("mqtt")["payload"] == "hi");
    CHECK(say(*conversation, "\x82\7\0\1\0\0\1#\0"s) == "\x90\4\0\1\0\0"s);
}

TEST_CASE("MQTT topics fit filters level by level") {
    CHECK(mqtt::topic_matches("#", "a/b"));
    CHECK(mqtt::topic_matches("a/#", "a"));
    CHECK(mqtt::topic_matches("a/+/c", "a/b/c"));
    CHECK(mqtt::topic_matches("$share/g/a/b", "a/b"));
    CHECK_FALSE(mqtt::topic_matches("a/+", "a/b/c"));
    CHECK_FALSE(mqtt::topic_matches("a/b/c", "a/b"));
    CHECK_FALSE(mqtt::topic_matches("#", "$SYS/x"));
    CHECK_FALSE(mqtt::topic_matches("a", "ab"));
}

TEST_CASE("thousands of small packets in one piece are all taken") {
    TestWorld test;
    auto conversation = make_mqtt_dialogue(test.world, test.flow("198.51.100.7", 1883, Transport::tcp));
    std::string many;
    for (unsigned i = 0; i < 13000; ++i) many += "\x30\4\0\1ax"s;
    (void)say(*conversation, many);
    CHECK(test.recorder.all("mqtt").size() == 13000);
}

TEST_CASE("what only begins like MQTT is recorded as malformed and ends the conversation") {
    TestWorld test;
    auto conversation = make_conversation(test.world, test.flow("198.51.100.7", 1883, Transport::tcp));
    (void)say(*conversation, connect_311);
    Output output;
    conversation->received(as_bytes("\x36\3\0\1a"s), output);  // QoS 3
    CHECK(output.close);
    CHECK(test.recorder.last("mqtt")["message"] == "malformed");
}

TEST_CASE("an uploader's file is kept whole, and its data connection belongs to its control connection") {
    TestWorld test;
    std::vector<std::uint64_t> woken;
    test.world.wake = [&](std::uint64_t connection) { woken.push_back(connection); };
    auto control = make_conversation(test.world, test.flow("198.51.100.21", 21, Transport::tcp));
    CHECK(greeting(*control).starts_with("220 "));
    CHECK(say(*control, "USER cam\r\nPASS secret\r\nTYPE I\r\nCWD snaps\r\n").find("230 ") !=
          std::string::npos);
    CHECK(test.recorder.all("ftp")[1]["argument"] == "secret");
    const auto passive = say(*control, "EPSV\r\n");
    const auto bar = passive.find("|||");
    REQUIRE(bar != std::string::npos);
    const auto port = static_cast<std::uint16_t>(std::stoi(passive.substr(bar + 3)));

    auto flow = test.flow("198.51.100.21", port, Transport::tcp);
    flow.connection = 2;
    auto data = make_conversation(test.world, flow);
    CHECK(say(*control, "STOR a.jpg\r\n").starts_with("150 "));
    CHECK(say(*data, "GET / HTTP/1.1\r\n").empty());  // whatever it looks like, it is the file
    CHECK(say(*data, "the rest").empty());
    Output output;
    data->camera_finished(output);
    CHECK(output.close);
    REQUIRE(woken == std::vector<std::uint64_t>{1});
    Output answer;
    control->woken(answer);
    CHECK(answer.bytes.starts_with("226 "));
    const auto transfer = test.recorder.last("ftp-transfer");
    CHECK(transfer["payload"] == "GET / HTTP/1.1\r\nthe rest");
    CHECK(transfer["path"] == "/snaps/a.jpg");
    CHECK(transfer["connection"] == 2);
    CHECK(transfer["control_connection"] == 1);
    CHECK(transfer["whole"] == true);
    CHECK(say(*control, "SIZE a.jpg\r\n") == "213 24\r\n");
    CHECK(say(*control, "QUIT\r\n").starts_with("221 "));
    CHECK(test.world.expected.empty());
}

TEST_CASE("firmware on offer is given by FTP, from where it broke off, and is a delivery") {
    TestWorld test;
    const std::string package(3000, 'f');
    test.world.web.offer(2, {{.path = "/f/*", .answers = {{.body = package}}, .role = UpdateRole::package},
                             {.path = "/f/list", .answers = {{.body = "2.0"}}, .role = UpdateRole::list}});
    auto control =
        make_ftp_dialogue(test.world, test.flow("198.51.100.21", 21, Transport::tcp), Greeting::said);
    const auto fetch = [&](const std::string& command) {
        const auto passive = say(*control, "EPSV\r\n");
        auto flow = test.flow("198.51.100.21",
                              static_cast<std::uint16_t>(std::stoi(passive.substr(passive.find("|||") + 3))),
                              Transport::tcp);
        flow.connection = 2;
        auto data = make_conversation(test.world, flow);
        CHECK(say(*control, command).find("150 ") != std::string::npos);
        Output output;
        data->woken(output);
        CHECK(output.close);
        Output answer;
        control->woken(answer);
        CHECK(answer.bytes.starts_with("226 "));
        return output.bytes;
    };
    CHECK(say(*control, "RETR /none\r\n").starts_with("550 "));
    CHECK(say(*control, "SIZE /f/new.bin\r\n") == "213 3000\r\n");
    CHECK(fetch("RETR /f/new.bin\r\n") == package);
    CHECK(test.recorder.last("ftp-transfer")["update"] == "package");
    CHECK(test.recorder.last("ftp-transfer")["offer"] == 2);
    CHECK(test.recorder.last("ftp-transfer")["bytes"] == 3000);
    CHECK(test.world.deliveries.at(2).part == ByteRange{0, 3000});
    CHECK(fetch("REST 1000\r\nRETR /f/new.bin\r\n").size() == 2000);
    CHECK(test.world.deliveries.at(2).part == ByteRange{1000, 3000});
    CHECK(fetch("CWD f\r\nRETR list\r\n") == "2.0");
    CHECK(test.recorder.last("ftp-transfer")["update"] == "list");
}

TEST_CASE("a listing goes over the data connection, whichever comes first") {
    TestWorld test;
    auto control = make_ftp_dialogue(test.world, test.flow("198.51.100.21", 21, Transport::tcp));
    const auto passive = say(*control, "PASV\r\n");
    REQUIRE(passive.find("227 Entering passive mode (198,51,100,21,") != std::string::npos);
    REQUIRE(test.world.expected.size() == 1);
    auto flow = test.flow("198.51.100.21", test.world.expected.begin()->first.port, Transport::tcp);
    flow.connection = 9;
    CHECK(say(*control, "LIST\r\n").starts_with("150 "));
    auto data = make_conversation(test.world, flow);
    Output output;
    data->opened(output);
    CHECK(output.close);
    Output answer;
    control->woken(answer);
    CHECK(answer.bytes.starts_with("226 "));
    CHECK(say(*control, "STOR x\r\n").starts_with("425 "));
    CHECK(say(*control, "PORT 1,2,3,4,5,6\r\n").starts_with("500 "));
}

TEST_CASE("a transfer that breaks off is kept as far as it came") {
    TestWorld test;
    auto control = make_ftp_dialogue(test.world, test.flow("198.51.100.21", 21, Transport::tcp));
    (void)say(*control, "EPSV\r\n");
    auto flow = test.flow("198.51.100.21", test.world.expected.begin()->first.port, Transport::tcp);
    flow.connection = 2;
    auto data = make_conversation(test.world, flow);
    (void)say(*control, "STOR a\r\n");
    (void)say(*data, "half");
    data->closed();
    control->closed();
    CHECK(test.recorder.last("ftp-transfer")["payload"] == "half");
    CHECK(test.recorder.last("ftp-transfer")["whole"] == false);
}

TEST_CASE("what an uploader sends after its control connection ended is kept as well") {
    TestWorld test;
    auto control = make_ftp_dialogue(test.world, test.flow("198.51.100.21", 21, Transport::tcp));
    (void)say(*control, "EPSV\r\n");
    auto flow = test.flow("198.51.100.21", test.world.expected.begin()->first.port, Transport::tcp);
    flow.connection = 2;
    auto data = make_conversation(test.world, flow);
    (void)say(*control, "STOR a\r\n");
    (void)say(*data, "first");
    control->closed();
    control.reset();
    (void)say(*data, "second");
    Output output;
    data->camera_finished(output);
    data->closed();
    REQUIRE(test.recorder.all("ftp-transfer").size() == 2);
    CHECK(test.recorder.all("ftp-transfer")[0]["payload"] == "first");
    CHECK(test.recorder.all("ftp-transfer")[1]["payload"] == "second");
}

TEST_CASE("a mail is kept whole, with its login, recipients, subject and attachments") {
    for (const std::size_t piece : {0, 1, 5}) {
        TestWorld test;
        auto conversation = make_conversation(test.world, test.flow("198.51.100.25", 587, Transport::tcp));
        CHECK(greeting(*conversation).starts_with("220 "));
        CHECK(say(*conversation, "EHLO cam\r\n", piece).find("250 AUTH PLAIN LOGIN\r\n") !=
              std::string::npos);
        CHECK(say(*conversation, "AUTH PLAIN AGNhbQBzZWNyZXQ=\r\n", piece).starts_with("235 "));
        CHECK(test.recorder.last("smtp")["user"] == "cam");
        CHECK(test.recorder.last("smtp")["password"] == "secret");
        const auto mail =
            "Subject: motion\r\nContent-Type: multipart/mixed;\r\n boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment; filename=\"a.jpg\"\r\n\r\n/9j/\r\n.dot\r\n--b--\r\n"s;
        auto sent = mail;
        sent.replace(sent.find(".dot"), 1, "..");
        const auto answer = say(
            *conversation,
            "MAIL FROM:<cam@a.example>\r\nRCPT TO:<o@b.example>\r\nDATA\r\n" + sent + ".\r\nQUIT\r\n", piece);
        CHECK(answer.find("queued") != std::string::npos);
        const auto message = test.recorder.last("smtp-message");
        CHECK(message["payload"] == mail);
        CHECK(message["from"] == "cam@a.example");
        CHECK(message["to"][0] == "o@b.example");
        CHECK(message["subject"] == "motion");
        CHECK(message["attachments"] == Json::array({"a.jpg"}));
        CHECK(message["user"] == "cam");
    }
}

TEST_CASE("a login in two steps is understood, and a mail cut short is kept") {
    TestWorld test;
    auto conversation = make_smtp_dialogue(test.world, test.flow("198.51.100.25", 25, Transport::tcp));
    CHECK(say(*conversation, "AUTH LOGIN\r\n").find("334 VXNlcm5hbWU6") != std::string::npos);
    CHECK(say(*conversation, "Y2Ft\r\n") == "334 UGFzc3dvcmQ6\r\n");
    CHECK(say(*conversation, "c2VjcmV0\r\n").starts_with("235 "));
    CHECK(test.recorder.last("smtp")["password"] == "secret");
    (void)say(*conversation, "DATA\r\nSubject: x\r\n\r\nhalf");
    conversation->closed();
    CHECK(test.recorder.last("smtp-message")["payload"] == "Subject: x\r\n\r\nhalf");
    CHECK(test.recorder.last("smtp-message")["malformed"] == "cut short");
}

TEST_CASE("names of attachments are found in folded fields and in content types") {
    MailParts parts;
    for (const auto* line : {"Subject: a", "Content-Type: image/jpeg;", "\tname=b.jpg", "", "name=not-this",
                             "--x", "Content-Disposition: attachment;", " filename=\"c d.mp4\"", ""})
        parts.take_line(line);
    parts.finish();
    CHECK(parts.attachments() == std::vector<std::string>{"b.jpg", "c d.mp4"});
}

TEST_CASE("where clients came and left without a word, a banner is tried, and the answer decides") {
    TestWorld test;
    const auto flow = test.flow("198.51.100.30", 4040, Transport::tcp);
    auto first = make_conversation(test.world, flow);
    CHECK(greeting(*first).empty());
    first->closed();
    auto second = make_conversation(test.world, flow);
    CHECK(greeting(*second).starts_with("220 "));
    CHECK(say(*second, "EHLO cam\r\n").starts_with("250-"));
    auto third = make_conversation(test.world, flow);
    CHECK(greeting(*third).starts_with("220 "));
    CHECK(say(*third, "USER cam\r\n").starts_with("331 "));
}

TEST_CASE("where the offer of TLS is taken out, mail and file servers go on in clear") {
    const auto tls = TlsService::create(CertificateAuthority::create().value()).value();
    for (const bool offered : {true, false}) {
        Personality personality;
        personality.starttls = offered;
        TestWorld test(std::move(personality));
        test.world.tls = tls.get();
        const auto mail =
            make_smtp_dialogue(test.world, test.flow("198.51.100.25", 587, Transport::tcp), Greeting::said);
        CHECK((say(*mail, "EHLO cam\r\n").find("STARTTLS") != std::string::npos) == offered);
        const auto file =
            make_ftp_dialogue(test.world, test.flow("198.51.100.21", 21, Transport::tcp), Greeting::said);
        CHECK((say(*file, "FEAT\r\n").find("AUTH TLS") != std::string::npos) == offered);
        if (offered) continue;
        CHECK_FALSE(say(*mail, "STARTTLS\r\n").starts_with("220"));
        CHECK(say(*mail, "AUTH PLAIN AGNhbQBwdw==\r\n").starts_with("235"));
        CHECK(test.recorder.last("smtp")["password"] == "pw");
        CHECK(say(*file, "AUTH TLS\r\n").starts_with("534"));
        CHECK(say(*file, "USER cam\r\n").starts_with("331"));
    }
}

TEST_CASE("a camera that wants to be called for its upload is called, at its own address alone") {
    TestWorld test;
    std::optional<Endpoint> from, to;
    World::Expected make;
    std::function<void()> failed;
    bool possible = true;
    test.world.call = [&](const Endpoint& own, const Endpoint& camera, World::Expected maker,
                          std::function<void()> on_failure) {
        from = own, to = camera, make = std::move(maker), failed = std::move(on_failure);
        return possible;
    };
    std::uint64_t woken = 0;
    test.world.wake = [&](std::uint64_t connection) { woken = connection; };
    const auto flow = test.flow("198.51.100.21", 21, Transport::tcp);
    const auto control = make_ftp_dialogue(test.world, flow, Greeting::said);
    CHECK(say(*control, "PORT 10,0,0,1,19,137\r\n").starts_with("500"));
    CHECK(say(*control, "PORT 192,168,77\r\n").starts_with("501"));
    CHECK(say(*control, "STOR early.bin\r\n").starts_with("425"));
    CHECK(say(*control, "PORT 192,168,77,100,19,137\r\n").starts_with("200"));
    CHECK_FALSE(to);
    CHECK(say(*control, "STOR a.bin\r\n").starts_with("150"));
    CHECK(to == Endpoint{ip("192.168.77.100"), 5001});
    CHECK(from == Endpoint{ip("198.51.100.21"), 20});
    auto data_flow = test.flow("198.51.100.21", 20, Transport::tcp);
    data_flow.connection = 9;
    const auto data = make(test.world, data_flow);
    say(*data, "content");
    Output output;
    data->camera_finished(output);
    CHECK(woken == flow.connection);
    Output told;
    control->woken(told);
    CHECK(told.bytes.starts_with("226"));
    CHECK(test.recorder.last("ftp-transfer")["payload"] == "content");
    CHECK(test.recorder.last("ftp-transfer")["whole"] == true);

    CHECK(say(*control, "EPRT |1|192.168.77.100|5002|\r\nSTOR b.bin\r\n").find("150") != std::string::npos);
    failed();
    Output refused;
    control->woken(refused);
    CHECK(refused.bytes.starts_with("425"));
    possible = false;
    CHECK(say(*control, "PORT 192,168,77,100,19,137\r\nSTOR c.bin\r\n").find("425") != std::string::npos);
}
