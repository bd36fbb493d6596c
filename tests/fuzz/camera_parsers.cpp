// Every parser of the emulated camera that reads bytes from its network or its factory drive: none may read
// past its input.

#include <cstddef>
#include <cstdint>
#include <string>

#include "fixtures/camera/firmware/authenticator.hpp"
#include "fixtures/camera/firmware/base/unit.hpp"
#include "fixtures/camera/firmware/cloud/ftp.hpp"
#include "fixtures/camera/firmware/cloud/mqtt.hpp"
#include "fixtures/camera/firmware/cloud/p2p.hpp"
#include "fixtures/camera/firmware/cloud/pppp.hpp"
#include "fixtures/camera/firmware/cloud/rtmp.hpp"
#include "fixtures/camera/firmware/discovery.hpp"
#include "fixtures/camera/firmware/net/dhcp.hpp"
#include "fixtures/camera/firmware/net/dns.hpp"
#include "fixtures/camera/firmware/net/link.hpp"
#include "fixtures/camera/firmware/net/message.hpp"
#include "fixtures/camera/firmware/net/ntp.hpp"
#include "fixtures/camera/firmware/onvif.hpp"
#include "fixtures/camera/firmware/rtsp.hpp"
#include "fixtures/camera/firmware/settings.hpp"
#include "fixtures/camera/firmware/update/boot_state.hpp"
#include "fixtures/camera/firmware/update/updater.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const camera::ByteView bytes(data, size);
    const auto text = camera::as_text(bytes);
    (void)camera::parse_dns_answer(bytes, size > 1 ? static_cast<std::uint16_t>(data[0] << 8 | data[1]) : 0,
                                   camera::RecordType::aaaa);
    (void)camera::parse_dhcp_reply(bytes);
    (void)camera::parse_ntp_answer(bytes, 0);
    (void)camera::parse_rdnss(data, size);
    (void)camera::parse_settings(bytes);
    if (const auto message = camera::parse_message(text)) {
        (void)message->status();
        (void)message->content_length();
        (void)message->word(3);
    }
    (void)camera::form_field(text, "user");
    (void)camera::parse_credentials(text);
    (void)camera::parse_rtsp_transport(text);
    (void)camera::soap_operation(text);
    (void)camera::element_text(text, "Nonce");
    (void)camera::probe_answer(text, {}, "urn:uuid:1");
    (void)camera::created_of_date(text);
    (void)camera::device_server_port(text);
    (void)camera::parse_pppp(bytes);
    bool broken = false;
    if (const auto packet = camera::parse_mqtt(bytes, broken))
        (void)camera::parse_mqtt_publish(packet->first);
    (void)camera::parse_upload_command(text);
    if (const auto reply = camera::parse_ftp_reply(text)) (void)camera::passive_port(reply->first);
    camera::RtmpReader reader;
    reader.feed(bytes);
    while (const auto message = reader.next()) (void)camera::parse_rtmp_reply(message->content);
    std::string why;
    (void)camera::parse_factory_data(text, why);
    if (const auto package = camera::parse_package(bytes, why))
        (void)(camera::parts_fit(*package, bytes) || camera::checksum_fits(*package));
    (void)camera::package_size(bytes);
    (void)camera::parse_boot_state(bytes);
    (void)camera::parse_application(text);
    (void)camera::parse_update_index(text);
    (void)camera::parse_web_place(text);
    return 0;
}
