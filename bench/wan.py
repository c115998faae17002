"""Joins two network namespaces by a link that holds each packet back: wan.py NEAR FAR DELAY_MS (one way).
NEAR gets 10.9.0.1, FAR 10.9.0.2. Two TUN devices, and this process between them. Needs root."""
import collections, ctypes, fcntl, os, select, struct, subprocess, sys, time

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET, TUNSETIFF, IFF_TUN_NO_PI = 0x40000000, 0x400454CA, 0x1001


def device(namespace, name, address):
    handle = os.open('/run/netns/' + namespace, os.O_RDONLY)
    if libc.setns(handle, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), 'setns')
    os.close(handle)
    fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack('16sH', name.encode(), IFF_TUN_NO_PI))
    # This process is in the namespace now, and so are these.
    subprocess.check_call(['ip', 'link', 'set', 'lo', 'up'])
    subprocess.check_call(['ip', 'addr', 'add', address + '/24', 'dev', name])
    subprocess.check_call(['ip', 'link', 'set', name, 'mtu', '1500', 'txqueuelen', '5000', 'up'])
    return fd


near, far, delay = sys.argv[1], sys.argv[2], float(sys.argv[3]) / 1000
a = device(near, 'tsp0', '10.9.0.1')
b = device(far, 'tsp1', '10.9.0.2')
print('up', flush=True)
queues = {a: collections.deque(), b: collections.deque()}
other = {a: b, b: a}
while True:
    now = time.monotonic()
    wait = None
    for fd, queue in queues.items():
        while queue and queue[0][0] <= now:
            try:
                os.write(fd, queue.popleft()[1])
            except OSError:
                pass  # The link may lose packets, as links do.
        if queue:
            due = queue[0][0] - now
            wait = due if wait is None else min(wait, due)
    readable, _, _ = select.select([a, b], [], [], wait)
    now = time.monotonic()
    for fd in readable:
        for _ in range(64):
            try:
                packet = os.read(fd, 2048)
            except BlockingIOError:
                break
            queues[other[fd]].append((now + delay, packet))
