# SPDX-License-Identifier: BSD-2-Clause
# What the mailers need to be told, each as little as possible: everything that is not for this machine goes to the
# relay 127.0.0.1:$relay_port, without TLS. Sourced by bench-mail in the container.

relay_port=2525

configure_mailqueue() {
  mkdir -p /etc/mailqueue/mailqueue.conf.d
  printf '[Relay]\nHost=smtp+notls://127.0.0.1:%s\n' "$relay_port" >/etc/mailqueue/mailqueue.conf.d/bench.conf
  systemctl try-reload-or-restart mailqueue.service
}

configure_dma() {
  printf 'SMARTHOST 127.0.0.1\nPORT %s\n' "$relay_port" >/etc/dma/dma.conf
}

configure_msmtp() {
  printf 'account default\nhost 127.0.0.1\nport %s\nfrom root@host.example\n' "$relay_port" >/etc/msmtprc
}

configure_nullmailer() {
  echo "127.0.0.1 smtp --port=$relay_port" >/etc/nullmailer/remotes
  echo host.example >/etc/mailname
  systemctl restart nullmailer.service
}

configure_opensmtpd() {
  cat >/etc/smtpd.conf <<EOF
listen on localhost
action "local" mbox
action "relay" relay host smtp://127.0.0.1:$relay_port
match from local for local action "local"
match from local for any action "relay"
EOF
  systemctl restart opensmtpd.service
  await_file /run/smtpd.sock
}

# await_file FILE: until a daemon that has just been started has made it.
await_file() {
  local deadline=$((SECONDS + 30))
  until [[ -e $1 ]]; do
    ((SECONDS < deadline)) || { echo "$1 does not appear" >&2 && return 1; }
    # Its time is short because the file may have come just before it looks.
    inotifywait -qq -t 1 -e create "${1%/*}" || (($? == 2))
  done
}

# Whatever else the package has set, and Postfix's defaults, stay, but for two: the package, installed where there was no
# network, has left inet_protocols empty; and with its record marks our largest message does not fit into 10 MB.
configure_postfix() {
  postconf -e "relayhost = [127.0.0.1]:$relay_port" 'myhostname = host.example' \
    'mydestination = host.example, localhost' 'inet_interfaces = loopback-only' 'inet_protocols = all' \
    'message_size_limit = 20480000'
  systemctl restart postfix.service
}

# The programs that run for a mailer, a regular expression for the paths.
programs_of() {
  case $1 in
    mailqueue) echo '^/usr/libexec/mailqueue/' ;;
    nullmailer) echo '/nullmailer' ;;
    opensmtpd) echo 'smtpd' ;;
    postfix) echo '^/usr/lib/postfix/' ;;
    *) echo "/$1\$" ;;
  esac
}

# delivers_locally MAILER: the others know only the relay.
delivers_locally() { [[ $1 == @(mailqueue|dma|opensmtpd|postfix) ]]; }

# queues MAILER: msmtp's sendmail waits for the relay itself.
queues() { [[ $1 != msmtp ]]; }

# relays_side_by_side MAILER: nullmailer sends one message after the other, each with a connection and a process of its own.
relays_side_by_side() { [[ $1 == @(mailqueue|dma|opensmtpd|postfix) ]]; }

# queue_length MAILER
queue_length() {
  case $1 in
    opensmtpd) smtpctl show queue | wc -l ;;
    postfix) postqueue -j | wc -l ;;
    dma) mailq | grep -c '^ID' ;;
    mailqueue) mailq | grep -cE '^[0-9A-Za-z]+ ' ;;
    nullmailer) mailq | grep -c '@' ;;
  esac || :
}

# queue_folder MAILER: where a new message is seen.
queue_folder() {
  case $1 in
    nullmailer) echo /var/spool/nullmailer/queue ;;
    *) echo "/var/spool/$1" ;;
  esac
}

# rest MAILER: returns when it has nothing more to do. mailqueue's programs end then; the others wait, or have ended.
rest() {
  local deadline=$((SECONDS + 120)) events
  [[ $1 == mailqueue ]] || return 0
  while mapfile -t events < <(compgen -G '/sys/fs/cgroup/system.slice/mailqueue*.service/cgroup.events') &&
    ((${#events[@]})); do
    ((SECONDS < deadline)) || { echo "mailqueue did not come to rest: ${events[*]}" >&2 && return 1; }
    # Its time is short because the unit may have ended just before it looks.
    inotifywait -qq -t 1 -e modify "${events[0]}" 2>/dev/null || :
  done
}
