// SPDX-License-Identifier: BSD-2-Clause
// How the mail servers of others are set up: each with its own defaults, and little else.
#include "other_server.hxx"

#include <fmt/format.h>

namespace machine {

namespace {

constexpr const char* kPostfixMain = R"(compatibility_level = 3.6
myhostname = postfix.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
message_size_limit = 1000000
smtpd_recipient_limit = 300
smtpd_relay_restrictions = permit_auth_destination reject
smtpd_recipient_restrictions = check_recipient_access inline:{gone@remote.example=REJECT, busy@remote.example=DEFER}
virtual_mailbox_domains = remote.example many.example
virtual_mailbox_base = /tmp/servers
virtual_mailbox_maps = static:postfix/
virtual_uid_maps = static:1000
virtual_gid_maps = static:1000
transport_maps = inline:{many.example=discard:}
)";

constexpr const char* kPostfixTls = R"(smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = {} {}
smtpd_tls_req_ccert = yes
smtpd_tls_CAfile = {}
)";

constexpr const char* kPostfixMaster = R"(10025 inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
tlsmgr unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
)";

constexpr const char* kExim = R"(primary_hostname = exim.example
daemon_smtp_ports = 10026
local_interfaces = 127.0.0.1
log_file_path = syslog
syslog_duplication = false
acl_smtp_rcpt = check
message_size_limit = 1000000
chunking_advertise_hosts = *
begin acl
check:
  deny local_parts = gone
       message = no such user
  defer local_parts = busy
  accept
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  maildir_format
  directory = /tmp/servers/exim
  create_directory
  user = alice
)";

constexpr const char* kOpenSmtpd = R"(listen on 127.0.0.1 port 10027
action "box" maildir "/tmp/servers/opensmtpd"
match from any for domain "remote.example" action "box"
)";

constexpr const char* kDovecot = R"(base_dir = /run/other-dovecot
log_path = /dev/stderr
auth_username_format = %n
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
passdb {
  driver = passwd-file
  args = /tmp/servers/users
}
userdb {
  driver = static
  args = uid=alice gid=alice home=/tmp/servers
}
)";

constexpr const char* kDovecotUsers = "alice:{PLAIN}secret\n";

constexpr const char* kDovecotLmtp = R"(protocols = lmtp
ssl = no
mail_location = maildir:/tmp/servers/dovecot-lmtp
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = 10028
  }
}
)";

constexpr const char* kDovecotSubmission = R"(protocols = submission
mail_location = maildir:/tmp/servers/dovecot-submission
hostname = dovecot.example
ssl = required
ssl_cert = <{}
ssl_key = <{}
submission_relay_host = 127.0.0.1
submission_relay_port = {}
service submission-login {{
  inet_listener submission {{
    address = 127.0.0.1
    port = 10029
  }}
}}
)";

constexpr const char* kAiosmtpd = R"(import asyncio, os
from aiosmtpd.smtp import SMTP

class Keeper:
    count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('gone@'):
            return '550 5.1.1 no such user'
        if address.startswith('busy@'):
            return '450 4.2.1 busy'
        envelope.rcpt_tos.append(address)
        return '250 2.1.5 ok'

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        name = '%d.%d' % (os.getpid(), self.count)
        with open('/tmp/servers/aiosmtpd/tmp/' + name, 'wb') as file:
            file.write(envelope.content.replace(b'\r\n', b'\n'))
        os.rename('/tmp/servers/aiosmtpd/tmp/' + name, '/tmp/servers/aiosmtpd/new/' + name)
        return '250 2.0.0 kept'

async def main():
    keeper = Keeper()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(keeper, data_size_limit=1000000, enable_SMTPUTF8=True), '127.0.0.1', 10030)
    await server.serve_forever()

asyncio.run(main())
)";

}  // namespace

OtherServer::Kind Postfix() {
  OtherServer::Kind kind{"postfix", "smtp+notls://", 10025, {"/usr/lib/postfix/sbin/master", "-s"}, {}, {},
                         true};
  kind.files = {{"/etc/postfix/main.cf", kPostfixMain}, {"/etc/postfix/master.cf", kPostfixMaster}};
  kind.directories = {"root:/var/spool/postfix/pid", "postfix:/var/lib/postfix"};
  for (const char* name : {"active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
                           "maildrop", "private", "public", "saved", "trace"})
    kind.directories.push_back("postfix:/var/spool/postfix/" + std::string(name));
  return kind;
}

OtherServer::Kind PostfixForCertificates(const std::string& certificate, const std::string& key,
                                         const std::string& authority) {
  auto kind = Postfix();
  kind.files[0].text += fmt::format(kPostfixTls, key, certificate, authority);
  return kind;
}

OtherServer::Kind Exim() {
  OtherServer::Kind kind{"exim", "smtp+notls://", 10026, {"/usr/sbin/exim4", "-bdf", "-q1s"}, {}, {}, true};
  kind.files = {{"/etc/exim4/exim4.conf", kExim}};
  kind.directories = {"Debian-exim:/var/spool/exim4", "Debian-exim:/var/log/exim4"};
  return kind;
}

OtherServer::Kind OpenSmtpd() {
  OtherServer::Kind kind{
      "opensmtpd", "smtp+notls://", 10027, {"/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf"}, {}, {}, false};
  kind.files = {{"/etc/smtpd.conf", kOpenSmtpd}};
  kind.directories = {"root:/var/lib/opensmtpd/empty"};
  return kind;
}

OtherServer::Kind DovecotLmtp() {
  OtherServer::Kind kind{
      "dovecot-lmtp", "lmtp://", 10028, {"dovecot", "-F", "-c", "/tmp/servers/lmtp.conf"}, {}, {}, false};
  kind.files = {{"/tmp/servers/lmtp.conf", std::string(kDovecot) + kDovecotLmtp},
                {"/tmp/servers/users", kDovecotUsers}};
  return kind;
}

OtherServer::Kind Aiosmtpd() {
  OtherServer::Kind kind{"aiosmtpd", "smtp+notls://", 10030, {"python3", "/tmp/servers/keeper.py"}, {}, {},
                         true};
  kind.files = {{"/tmp/servers/keeper.py", kAiosmtpd}};
  return kind;
}

OtherServer::Kind DovecotSubmission(std::uint16_t port, const std::string& certificate,
                                    const std::string& key) {
  OtherServer::Kind kind{"dovecot-submission",
                         "smtp+tls://",
                         10029,
                         {"dovecot", "-F", "-c", "/tmp/servers/submission.conf"},
                         {},
                         {},
                         false};
  kind.files = {
      {"/tmp/servers/submission.conf", kDovecot + fmt::format(kDovecotSubmission, certificate, key, port)},
      {"/tmp/servers/users", kDovecotUsers}};
  return kind;
}

}  // namespace machine
