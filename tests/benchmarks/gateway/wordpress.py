"""WordPress as Debian packages it, in a folder of its own: nginx, PHP-FPM with opcache, MariaDB."""

import json
import os
import pathlib
import secrets
import shutil
import subprocess

import contenders

PACKAGE = pathlib.Path("/usr/share/wordpress")
HERE = pathlib.Path(__file__).resolve().parent
CHILDREN = 4 * contenders.WORKERS  # of PHP-FPM: they wait for MariaDB now and then
SYSTEM_PATH = os.environ["PATH"] + ":/usr/sbin"

# The pages are read only: with all of the data in the buffer pool MariaDB touches no disk. Its query cache is off, as it
# is by default.
MARIADB = """
[mariadbd]
datadir = {folder}/data
socket = {folder}/mariadb.sock
pid_file = {folder}/mariadb.pid
skip_networking
skip_name_resolve
innodb_buffer_pool_size = 256M
innodb_log_file_size = 96M
innodb_flush_log_at_trx_commit = 2
character_set_server = utf8mb4
init_file = {folder}/init.sql
"""

PHP_FPM = """
[global]
daemonize = no
error_log = {folder}/php-fpm.log
[wordpress]
{owner}
listen = {folder}/php.sock
listen.mode = 0666
listen.backlog = 1024
pm = static
pm.max_children = {children}
"""

OPCACHE = {"enable": 1, "validate_timestamps": 0, "memory_consumption": 256, "interned_strings_buffer": 16,
           "max_accelerated_files": 20000, "save_comments": 1}

# What is asked for each page anew is asked of PHP; gzip at its fastest level, as the gateway does on a miss.
NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
worker_processes {workers};
events {{ worker_connections 1024; }}
http {{
  access_log off;
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 65;
  keepalive_requests 1000000000;
  gzip on;
  gzip_comp_level 1;
  gzip_min_length 512;
  gzip_buffers 32 8k;
  client_body_temp_path {folder}/temp_body;
  proxy_temp_path {folder}/temp_proxy;
  fastcgi_temp_path {folder}/temp_fastcgi;
  uwsgi_temp_path {folder}/temp_uwsgi;
  scgi_temp_path {folder}/temp_scgi;
  server {{
    listen 127.0.0.1:{port} http2;
    root {folder}/wordpress;
    index index.php;
    location / {{ try_files $uri $uri/ /index.php?$args; }}
    location ~ \\.php$ {{
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_param HTTP_HOST 127.0.0.1:{port};  # over HTTP/2 nginx leaves out the port
      fastcgi_buffers 32 8k;
      fastcgi_pass unix:{folder}/php.sock;
    }}
  }}
}}
"""

# Jobs are a timer's, as is usual with many readers, not a reader's; none is due here.
WP_CONFIG = """<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{folder}/mariadb.sock');
define('DB_CHARSET', 'utf8mb4');
define('WP_HOME', 'http://127.0.0.1:{port}');
define('WP_SITEURL', WP_HOME);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
{keys}
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""
KEYS = ("AUTH_KEY", "SECURE_AUTH_KEY", "LOGGED_IN_KEY", "NONCE_KEY", "AUTH_SALT", "SECURE_AUTH_SALT", "LOGGED_IN_SALT",
        "NONCE_SALT")


def php_fpm():
    """The program; its name has PHP's version in it."""
    found = sorted(pathlib.Path("/usr/sbin").glob("php-fpm[0-9]*"))
    return str(found[-1]) if found else None


def missing():
    """What is not installed of it."""
    absent = contenders.missing("nginx", "php", "mariadbd", "mariadb-install-db")
    return absent + ["php-fpm"] * (not php_fpm()) + ["wordpress"] * (not PACKAGE.is_dir())


class WordPress:
    """The processes of a site whose posts are copies of stories; see wordpress.php for what a story is."""

    def __init__(self, folder):
        self.folder = folder / "wordpress"
        self.port, = contenders.free_ports(1)
        self.servers = {}
        # As root, none of it would run as root.
        self.user = "www-data" if os.geteuid() == 0 else None

    def url(self, slug):
        return f"http://127.0.0.1:{self.port}/{slug}/"

    def start(self, stories):
        self.lay_out()
        self.run_once(["mariadb-install-db", "--no-defaults", f"--datadir={self.folder}/data", "--skip-test-db",
                       "--auth-root-authentication-method=normal", *([f"--user={self.user}"] if self.user else [])])
        self.launch("mariadbd", ["mariadbd", f"--defaults-file={self.folder}/mariadb.cnf",
                                 *([f"--user={self.user}"] if self.user else [])])
        self.wait_for_socket("mariadbd", "mariadb.sock")
        self.php("install")
        self.php("posts", json.dumps(stories))
        self.give_away(self.folder / "wordpress")
        self.launch("php-fpm", [php_fpm(), "--nodaemonize", f"--fpm-config={self.folder}/php-fpm.conf",
                                *(f"-dopcache.{name}={value}" for name, value in OPCACHE.items())])
        self.wait_for_socket("php-fpm", "php.sock")
        self.launch("nginx", ["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")])

    def lay_out(self):
        """Programs, configuration and empty folders."""
        self.folder.mkdir()
        self.folder.parent.chmod(0o755)
        # A copy, as the configuration is found beside the programs; Debian's own asks /etc.
        shutil.copytree(PACKAGE, self.folder / "wordpress",
                        ignore=lambda folder, names: [name for name in names if name in (".htaccess", "wp-config.php")])
        (self.folder / "data").mkdir()
        self.give_away(self.folder / "data")
        values = {"folder": self.folder, "port": self.port, "children": CHILDREN, "workers": contenders.WORKERS,
                  "owner": f"user = {self.user}\ngroup = {self.user}" if self.user else "",
                  "keys": "\n".join(f"define('{name}', '{secrets.token_hex(32)}');" for name in KEYS)}
        for name, text in (("mariadb.cnf", MARIADB), ("php-fpm.conf", PHP_FPM), ("wordpress/wp-config.php", WP_CONFIG),
                           ("nginx.conf", NGINX)):
            (self.folder / name).write_text(text.format(**values))
        (self.folder / "init.sql").write_text("CREATE DATABASE IF NOT EXISTS wordpress CHARACTER SET utf8mb4;\n")
        self.give_away(self.folder)

    def give_away(self, path):
        if self.user:
            subprocess.run(["chown", "-R", f"{self.user}:{self.user}", path], check=True)

    def php(self, what, words=""):
        self.run_once(["php", "-d", "display_errors=stderr", HERE / "wordpress.php", what], words,
                      self.folder / "wordpress")

    def run_once(self, command, words="", folder=None):
        done = subprocess.run(list(map(str, command)), input=words, cwd=folder, env=os.environ | {"PATH": SYSTEM_PATH},
                              capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")

    def launch(self, name, command):
        with (self.folder / f"{name}.out").open("w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"PATH": SYSTEM_PATH})
        self.servers[name] = contenders.Contender(name, process, self.port)

    def wait_for_socket(self, name, socket):
        def is_there():
            if self.servers[name].process.poll() is not None:
                raise RuntimeError(f"{name} ended: " + (self.folder / f"{name}.out").read_text()[-2000:])
            return (self.folder / socket).is_socket()
        contenders.wait_until(is_there, 60, f"{name} to listen")

    def stop(self):
        for name in ("nginx", "php-fpm", "mariadbd"):
            if name in self.servers:
                self.servers[name].stop()
