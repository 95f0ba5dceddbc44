<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Doing</name>
    <message>
        <source>Ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>正在运行</translation>
    </message>
    <message>
        <source>Running in virtual time</source>
        <translation>正在虚拟时间中运行</translation>
    </message>
    <message>
        <source>Running as fast as it goes</source>
        <translation>正在全速运行</translation>
    </message>
    <message>
        <source>Nothing is left to happen</source>
        <translation>不会再有事情发生</translation>
    </message>
    <message>
        <source>Waiting for an answer</source>
        <translation>等待回答</translation>
    </message>
    <message>
        <source>By hand: pick what happens next</source>
        <translation>手动：请选择接下来发生什么</translation>
    </message>
    <message>
        <source>Paused: what happens meanwhile is recorded</source>
        <translation>已暂停：其间发生的事仍在记录</translation>
    </message>
    <message>
        <source>Running at %1 speed</source>
        <translation>以 %1 速度运行</translation>
    </message>
    <message>
        <source>Running: %1 of %2 nodes connected</source>
        <translation>正在运行：已连接 %2 个节点中的 %1 个</translation>
    </message>
    <message>
        <source>Live: %1 of %2 nodes connected</source>
        <translation>实时：已连接 %2 个节点中的 %1 个</translation>
    </message>
    <message>
        <source>The scenario is over</source>
        <translation>场景已结束</translation>
    </message>
    <message>
        <source>The scenario is over: something failed</source>
        <translation>场景已结束：有检查未通过</translation>
    </message>
    <message>
        <source>Recorded run</source>
        <translation>已录制的运行</translation>
    </message>
    <message>
        <source>Recorded run, damaged: %1</source>
        <translation>已录制的运行，文件有损坏：%1</translation>
    </message>
    <message>
        <source>Repeating the run: %1 %</source>
        <translation>正在重放运行：%1 %</translation>
    </message>
    <message>
        <source>Stopped: %1</source>
        <translation>已停止：%1</translation>
    </message>
</context>
<context>
    <name>Family</name>
    <message>
        <source>Consensus</source>
        <translation>共识</translation>
    </message>
    <message>
        <source>Transactions</source>
        <translation>事务</translation>
    </message>
    <message>
        <source>Storage</source>
        <translation>存储</translation>
    </message>
    <message>
        <source>Traffic</source>
        <translation>流量</translation>
    </message>
</context>
<context>
    <name>QMessageBox</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>QPlatformTheme</name>
    <message>
        <source>OK</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>&amp;Yes</source>
        <translation>是(&amp;Y)</translation>
    </message>
    <message>
        <source>&amp;No</source>
        <translation>否(&amp;N)</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>放弃</translation>
    </message>
</context>
<context>
    <name>lightcone::charts::Charts</name>
    <message>
        <source>More of the charts</source>
        <translation>图表的更多操作</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>图表</translation>
    </message>
    <message>
        <source>Chooses which charts are shown</source>
        <translation>选择显示哪些图表</translation>
    </message>
    <message>
        <source>As the timeline</source>
        <translation>随时间线</translation>
    </message>
    <message>
        <source>Shows the stretch of time that the timeline shows, not the whole run (T)</source>
        <translation>显示时间线所显示的那段时间，而不是整个运行 (T)</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>对数</translation>
    </message>
    <message>
        <source>Counts upwards in powers of ten (L)</source>
        <translation>按十的幂向上计数 (L)</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>保存…</translation>
    </message>
    <message>
        <source>Saves all charts as a picture, or their numbers as a table</source>
        <translation>把所有图表存为图片，或把它们的数值存为表格</translation>
    </message>
    <message>
        <source>In the nodes&apos; states</source>
        <translation>节点状态中</translation>
    </message>
    <message>
        <source>As the protocol suggests</source>
        <translation>按协议的建议</translation>
    </message>
    <message>
        <source>measuring, %1 %</source>
        <translation>正在测量，%1 %</translation>
    </message>
    <message>
        <source>Save the charts</source>
        <translation>保存图表</translation>
    </message>
    <message>
        <source>Pictures (*.png *.svg *.pdf);;Tables (*.csv)</source>
        <translation>图片 (*.png *.svg *.pdf);;表格 (*.csv)</translation>
    </message>
    <message>
        <source>Written to %1.</source>
        <translation>已写入 %1。</translation>
    </message>
    <message>
        <source>%1 cannot be written: %2.</source>
        <translation>无法写入 %1：%2。</translation>
    </message>
</context>
<context>
    <name>lightcone::charts::MeasureWords</name>
    <message>
        <source>requests</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>refused</source>
        <translation>被拒绝</translation>
    </message>
    <message>
        <source>never answered</source>
        <translation>从未得到答复</translation>
    </message>
    <message>
        <source>under way at the end</source>
        <translation>结束时仍在进行</translation>
    </message>
    <message>
        <source>retries</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>done per second</source>
        <translation>每秒完成</translation>
    </message>
    <message>
        <source>errors</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>p50 latency</source>
        <translation>p50 延迟</translation>
    </message>
    <message>
        <source>p90 latency</source>
        <translation>p90 延迟</translation>
    </message>
    <message>
        <source>p99 latency</source>
        <translation>p99 延迟</translation>
    </message>
    <message>
        <source>p99.9 latency</source>
        <translation>p99.9 延迟</translation>
    </message>
    <message>
        <source>longest latency</source>
        <translation>最长延迟</translation>
    </message>
    <message>
        <source>round trips per request</source>
        <translation>每个请求的往返次数</translation>
    </message>
    <message>
        <source>time without service</source>
        <translation>无服务的时间</translation>
    </message>
    <message>
        <source>messages</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>messages per request</source>
        <translation>每个请求的消息数</translation>
    </message>
    <message>
        <source>bytes</source>
        <translation>字节</translation>
    </message>
    <message>
        <source>bytes per request</source>
        <translation>每个请求的字节数</translation>
    </message>
    <message>
        <source>messages that died</source>
        <translation>消亡的消息</translation>
    </message>
    <message>
        <source>forced writes</source>
        <translation>强制写入</translation>
    </message>
    <message>
        <source>forced writes per request</source>
        <translation>每个请求的强制写入</translation>
    </message>
    <message>
        <source>lazy writes</source>
        <translation>惰性写入</translation>
    </message>
    <message>
        <source>%1 B</source>
        <translation>%1 B</translation>
    </message>
    <message>
        <source>%1 kB</source>
        <translation>%1 kB</translation>
    </message>
    <message>
        <source>%1 MB</source>
        <translation>%1 MB</translation>
    </message>
    <message>
        <source>%1, the most</source>
        <translation>%1，最大值</translation>
    </message>
    <message>
        <source>time in %1</source>
        <translation>%1 停留时间</translation>
    </message>
</context>
<context>
    <name>lightcone::charts::Panel</name>
    <message>
        <source>Save, copy or close this chart</source>
        <translation>保存、复制或关闭此图表</translation>
    </message>
    <message>
        <source>log</source>
        <translation>对数</translation>
    </message>
    <message>
        <source>%1, log</source>
        <translation>%1，对数</translation>
    </message>
    <message>
        <source>Save as picture…</source>
        <translation>存为图片…</translation>
    </message>
    <message>
        <source>Pictures (*.png *.svg *.pdf)</source>
        <translation>图片 (*.png *.svg *.pdf)</translation>
    </message>
    <message>
        <source>Save the numbers…</source>
        <translation>保存数值…</translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation>表格 (*.csv)</translation>
    </message>
    <message>
        <source>Copy the numbers</source>
        <translation>复制数值</translation>
    </message>
    <message>
        <source>The numbers are on the clipboard.</source>
        <translation>数值已在剪贴板上。</translation>
    </message>
    <message>
        <source>Close this chart</source>
        <translation>关闭此图表</translation>
    </message>
    <message>
        <source>Written to %1.</source>
        <translation>已写入 %1。</translation>
    </message>
    <message>
        <source>%1 cannot be written: %2.</source>
        <translation>无法写入 %1：%2。</translation>
    </message>
</context>
<context>
    <name>lightcone::charts::PlotModel</name>
    <message>
        <source> (left)</source>
        <translation>（左）</translation>
    </message>
    <message>
        <source> (right)</source>
        <translation>（右）</translation>
    </message>
    <message>
        <source>time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>latency up to</source>
        <translation>延迟不超过</translation>
    </message>
    <message>
        <source>of all</source>
        <translation>占全部</translation>
    </message>
    <message>
        <source>node</source>
        <translation>节点</translation>
    </message>
    <message>
        <source>messages and requests</source>
        <translation>消息与请求</translation>
    </message>
    <message>
        <source>answered</source>
        <translation>已答复</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>步骤</translation>
    </message>
</context>
<context>
    <name>lightcone::charts::PlotView</name>
    <message>
        <source>No request was answered here.</source>
        <translation>这段时间内没有请求得到回答。</translation>
    </message>
    <message>
        <source>Nothing to show here.</source>
        <translation>这里没有可显示的内容。</translation>
    </message>
    <message>
        <source>Nothing above zero, and the scale is logarithmic.</source>
        <translation>没有大于零的值，而刻度是对数的。</translation>
    </message>
    <message>
        <source>latency</source>
        <translation>延迟</translation>
    </message>
    <message>
        <source> left</source>
        <translation> 左</translation>
    </message>
    <message>
        <source> right</source>
        <translation> 右</translation>
    </message>
</context>
<context>
    <name>lightcone::charts::TopicWords</name>
    <message>
        <source>Latency by percentile</source>
        <translation>各百分位的延迟</translation>
    </message>
    <message>
        <source>Share per node</source>
        <translation>每个节点的份额</translation>
    </message>
    <message>
        <source>%1: how many</source>
        <translation>%1：数量</translation>
    </message>
    <message>
        <source>%1: how far behind</source>
        <translation>%1：落后多少</translation>
    </message>
    <message>
        <source>Request latency</source>
        <translation>请求延迟</translation>
    </message>
    <message>
        <source>Throughput and errors</source>
        <translation>吞吐量与错误</translation>
    </message>
    <message>
        <source>Requests under way</source>
        <translation>进行中的请求</translation>
    </message>
    <message>
        <source>Messages by type</source>
        <translation>各类型的消息</translation>
    </message>
    <message>
        <source>Bytes by type</source>
        <translation>各类型的字节</translation>
    </message>
    <message>
        <source>Work per node</source>
        <translation>每个节点的工作量</translation>
    </message>
    <message>
        <source>Load per node</source>
        <translation>每个节点的负载</translation>
    </message>
    <message>
        <source>Forced writes per node</source>
        <translation>每个节点的强制写入</translation>
    </message>
    <message>
        <source>How many of the answered requests took no longer than that</source>
        <translation>有多少得到答复的请求用时不超过该值</translation>
    </message>
    <message>
        <source>What part of the messages and requests each node took</source>
        <translation>每个节点承担了多大份额的消息与请求</translation>
    </message>
    <message>
        <source>How far each node is behind the farthest one</source>
        <translation>每个节点落后于最前者多少</translation>
    </message>
    <message>
        <source>As each node&apos;s state says it</source>
        <translation>如每个节点的状态所示</translation>
    </message>
    <message>
        <source>From when a request was wanted to its answer, by when it was answered</source>
        <translation>从需要请求到得到答复的时间，按答复的时刻排列</translation>
    </message>
    <message>
        <source>How clients&apos; requests ended</source>
        <translation>客户端的请求如何结束</translation>
    </message>
    <message>
        <source>Requests without an answer yet, and those that wait for a free client</source>
        <translation>尚无答复的请求，以及等待空闲客户端的请求</translation>
    </message>
    <message>
        <source>Sent between nodes and clients</source>
        <translation>在节点与客户端之间发送</translation>
    </message>
    <message>
        <source>As the wire encodes them, without frames</source>
        <translation>按线路编码，不含帧</translation>
    </message>
    <message>
        <source>How often each node&apos;s state machine ran</source>
        <translation>每个节点的状态机运行了多少次</translation>
    </message>
    <message>
        <source>Messages and requests that each node took</source>
        <translation>每个节点接收的消息与请求</translation>
    </message>
    <message>
        <source>Writes that what a node sent waited for</source>
        <translation>节点发送之前必须等待的写入</translation>
    </message>
    <message>
        <source>most</source>
        <translation>最长</translation>
    </message>
    <message>
        <source>done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>refused</source>
        <translation>被拒绝</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>in line</source>
        <translation>排队</translation>
    </message>
    <message>
        <source>under way</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>others</source>
        <translation>其他</translation>
    </message>
    <message>
        <source>bytes per second</source>
        <translation>字节每秒</translation>
    </message>
    <message>
        <source>kB per second</source>
        <translation>kB 每秒</translation>
    </message>
    <message>
        <source>MB per second</source>
        <translation>MB 每秒</translation>
    </message>
    <message>
        <source>per second</source>
        <translation>每秒</translation>
    </message>
    <message>
        <source>%1 B/s</source>
        <translation>%1 B/s</translation>
    </message>
    <message>
        <source>%1 kB/s</source>
        <translation>%1 kB/s</translation>
    </message>
    <message>
        <source>%1 MB/s</source>
        <translation>%1 MB/s</translation>
    </message>
    <message>
        <source>%1 /s</source>
        <translation>%1 /秒</translation>
    </message>
    <message>
        <source>What part falls on each node, as the others&apos; states say it</source>
        <translation>落在每个节点上的比例，按其他节点的状态所说</translation>
    </message>
</context>
<context>
    <name>lightcone::connecting::ConnectDialog</name>
    <message>
        <source>Connect to nodes</source>
        <translation>连接到节点</translation>
    </message>
    <message>
        <source>Cluster &amp;file</source>
        <translation>集群文件(&amp;F)</translation>
    </message>
    <message>
        <source>Clusters (*.toml);;All files (*)</source>
        <translation>集群文件 (*.toml);;所有文件 (*)</translation>
    </message>
    <message>
        <source>operator/cluster.toml, as lightcone-node init writes it</source>
        <translation>operator/cluster.toml，由 lightcone-node init 写出</translation>
    </message>
    <message>
        <source>or, where there is no such file, the address of one node&apos;s control port:</source>
        <translation>或者，在没有这样的文件时，填写某个节点控制端口的地址：</translation>
    </message>
    <message>
        <source>&amp;Addresses</source>
        <translation>地址(&amp;A)</translation>
    </message>
    <message>
        <source>Certificates and keys (*.pem *.crt *.key);;All files (*)</source>
        <translation>证书和密钥 (*.pem *.crt *.key);;所有文件 (*)</translation>
    </message>
    <message>
        <source>A&amp;uthority</source>
        <translation>证书颁发机构(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Certificate</source>
        <translation>证书(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Key</source>
        <translation>密钥(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Token</source>
        <translation>令牌(&amp;T)</translation>
    </message>
    <message>
        <source>only on this machine, without certificates; not remembered</source>
        <translation>仅限本机且没有证书时使用；不会被记住</translation>
    </message>
    <message>
        <source>Begin as far back as the nodes &amp;remember</source>
        <translation>从节点所记得的最早处开始(&amp;R)</translation>
    </message>
    <message>
        <source>Co&amp;nnect</source>
        <translation>连接(&amp;N)</translation>
    </message>
    <message>
        <source>…</source>
        <translation>…</translation>
    </message>
    <message>
        <source>Choose a file</source>
        <translation>选择文件</translation>
    </message>
    <message>
        <source>There is no file %1.</source>
        <translation>没有文件 %1。</translation>
    </message>
    <message>
        <source>Choose a cluster&apos;s file, or say where a node&apos;s control port is.</source>
        <translation>请选择集群文件，或填写某个节点控制端口的地址。</translation>
    </message>
    <message>
        <source>An authority, a certificate and its key are needed together.</source>
        <translation>颁发机构、证书及其密钥须同时给出。</translation>
    </message>
</context>
<context>
    <name>lightcone::connecting::NodeModel</name>
    <message>
        <source>connecting</source>
        <translation>正在连接</translation>
    </message>
    <message>
        <source>connected</source>
        <translation>已连接</translation>
    </message>
    <message>
        <source>silent</source>
        <translation>无声</translation>
    </message>
    <message>
        <source>not reached</source>
        <translation>无法到达</translation>
    </message>
    <message>
        <source>not running</source>
        <translation>未运行</translation>
    </message>
    <message>
        <source>refused</source>
        <translation>被拒绝</translation>
    </message>
    <message>
        <source>It may be disturbed.</source>
        <translation>可以对它施加故障。</translation>
    </message>
    <message>
        <source>No faults: %1</source>
        <translation>不可施加故障：%1</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>节点</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Clock ahead</source>
        <translation>时钟超前</translation>
    </message>
</context>
<context>
    <name>lightcone::connecting::Nodes</name>
    <message>
        <source>No real nodes are watched: connect to some, or start a cluster here, both in the File menu.</source>
        <translation>没有观察任何真实节点：可在“文件”菜单中连接到节点，或在本机启动一个集群。</translation>
    </message>
    <message>
        <source>Nodes</source>
        <translation>节点</translation>
    </message>
</context>
<context>
    <name>lightcone::connecting::Processes</name>
    <message>
        <source>it was killed</source>
        <translation>它被杀死了</translation>
    </message>
</context>
<context>
    <name>lightcone::connecting::StartDialog</name>
    <message>
        <source>Start a real cluster here</source>
        <translation>在本机启动真实集群</translation>
    </message>
    <message>
        <source>Real processes on this machine, with real sockets and disks. They end when another run is opened or the window closes; their data stays.</source>
        <translation>本机上的真实进程，使用真实的套接字和磁盘。打开另一个运行或关闭窗口时它们会结束；它们的数据会保留。</translation>
    </message>
    <message>
        <source>&amp;Protocol</source>
        <translation>协议(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Nodes</source>
        <translation>节点数(&amp;N)</translation>
    </message>
    <message>
        <source>…</source>
        <translation>…</translation>
    </message>
    <message>
        <source>Choose a directory</source>
        <translation>选择目录</translation>
    </message>
    <message>
        <source>&amp;Data directory</source>
        <translation>数据目录(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Start</source>
        <translation>启动(&amp;S)</translation>
    </message>
    <message>
        <source>The cluster that is there is started again, with its data.</source>
        <translation>将重新启动那里已有的集群，并沿用其数据。</translation>
    </message>
    <message>
        <source>This directory holds something else: choose an empty one, or one that is not there yet.</source>
        <translation>此目录里有别的内容：请选择一个空目录，或一个尚不存在的目录。</translation>
    </message>
    <message>
        <source>Choose a directory.</source>
        <translation>请选择一个目录。</translation>
    </message>
    <message>
        <source>Certificates and data of the nodes will be there.</source>
        <translation>节点的证书和数据将放在那里。</translation>
    </message>
</context>
<context>
    <name>lightcone::events::EventList</name>
    <message>
        <source>Events</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>Nothing has happened yet.</source>
        <translation>还没有发生任何事。</translation>
    </message>
    <message>
        <source>Searching…</source>
        <translation>正在搜索…</translation>
    </message>
    <message>
        <source>No event answers the filter.</source>
        <translation>没有符合筛选条件的事件。</translation>
    </message>
</context>
<context>
    <name>lightcone::events::EventModel</name>
    <message>
        <source>Event</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>节点</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Peer</source>
        <translation>对端</translation>
    </message>
    <message>
        <source>Content</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Cause</source>
        <translation>原因</translation>
    </message>
</context>
<context>
    <name>lightcone::events::Events</name>
    <message>
        <source>Filter, such as kind == drop and to == n3</source>
        <translation>筛选，例如 kind == drop and to == n3</translation>
    </message>
    <message>
        <source>Filter of the events</source>
        <translation>事件筛选</translation>
    </message>
    <message>
        <source>%1 events</source>
        <translation>%1 个事件</translation>
    </message>
    <message>
        <source>%1 of %2 events</source>
        <translation>%2 个事件中的 %1 个</translation>
    </message>
    <message>
        <source>Apply as filter</source>
        <translation>用作筛选条件</translation>
    </message>
    <message>
        <source>Apply as filter: not this</source>
        <translation>用作筛选条件：排除它</translation>
    </message>
    <message>
        <source>… and this</source>
        <translation>……并且它</translation>
    </message>
    <message>
        <source>… or this</source>
        <translation>……或者它</translation>
    </message>
    <message>
        <source>… and not this</source>
        <translation>……并且不是它</translation>
    </message>
    <message>
        <source>Show all events</source>
        <translation>显示所有事件</translation>
    </message>
    <message>
        <source>Copy the cell</source>
        <translation>复制单元格</translation>
    </message>
    <message>
        <source>Copy the line</source>
        <translation>复制整行</translation>
    </message>
    <message>
        <source>Go to its cause</source>
        <translation>转到它的原因</translation>
    </message>
</context>
<context>
    <name>lightcone::exporting::ExportDialog</name>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>%1 as %2</source>
        <translation>%1(%2 格式)</translation>
    </message>
    <message>
        <source>Events: %1 (.%2)</source>
        <translation>事件：%1(.%2)</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>The whole run</source>
        <translation>整个运行过程</translation>
    </message>
    <message>
        <source>What the timeline shows</source>
        <translation>时间线上显示的部分</translation>
    </message>
    <message>
        <source>Around the cursor</source>
        <translation>光标附近</translation>
    </message>
    <message>
        <source>Range</source>
        <translation>范围</translation>
    </message>
    <message>
        <source>all events, or such as kind == drop</source>
        <translation>所有事件，或例如 kind == drop</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Choose a file first.</source>
        <translation>请先选择文件。</translation>
    </message>
    <message>
        <source>Filter, column %1: %2</source>
        <translation>筛选条件第 %1 列：%2</translation>
    </message>
    <message>
        <source>Cancelled; nothing was written.</source>
        <translation>已取消，没有写入任何内容。</translation>
    </message>
</context>
<context>
    <name>lightcone::inspector::CheckModel</name>
    <message>
        <source>Expected by line %1 of the scenario</source>
        <translation>场景第 %1 行的期望</translation>
    </message>
    <message>
        <source>held at event %1</source>
        <translation>在事件 %1 处成立</translation>
    </message>
    <message>
        <source>holds</source>
        <translation>成立</translation>
    </message>
    <message>
        <source>broken at event %1</source>
        <translation>在事件 %1 处被破坏</translation>
    </message>
    <message>
        <source>broken</source>
        <translation>被破坏</translation>
    </message>
    <message>
        <source>not judged from event %1 on</source>
        <translation>自事件 %1 起不再判定</translation>
    </message>
    <message>
        <source>not yet judged</source>
        <translation>尚未判定</translation>
    </message>
    <message>
        <source>What must hold</source>
        <translation>必须成立的条件</translation>
    </message>
    <message>
        <source>So far</source>
        <translation>目前为止</translation>
    </message>
    <message>
        <source>Linearizable</source>
        <translation>可线性化</translation>
    </message>
    <message>
        <source>Each operation of a client takes effect at one moment between its request and its reply.</source>
        <translation>客户端的每个操作都在其请求与应答之间的某一时刻生效。</translation>
    </message>
    <message>
        <source>The clients of this protocol do not ask for keys and values.</source>
        <translation>该协议的客户端不读写键值。</translation>
    </message>
    <message>
        <source>gave up</source>
        <translation>已放弃判定</translation>
    </message>
    <message>
        <source>not applicable</source>
        <translation>不适用</translation>
    </message>
</context>
<context>
    <name>lightcone::inspector::Checks</name>
    <message>
        <source>What must hold</source>
        <translation>必须成立的条件</translation>
    </message>
    <message>
        <source>Choose a line to see what it promises and where that is written; one that is broken, or not judged any more, leads to the event that says so.</source>
        <translation>选择一行，可以看到它保证什么、出处在哪里；被破坏或不再判定的条件会带您转到说明此事的事件。</translation>
    </message>
</context>
<context>
    <name>lightcone::inspector::FieldModel</name>
    <message numerus="yes">
        <source>%n more before</source>
        <translation>
            <numerusform>前面还有 %n 项</numerusform>
        </translation>
    </message>
    <message>
        <source>Field</source>
        <translation>字段</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>之前</translation>
    </message>
</context>
<context>
    <name>lightcone::inspector::FieldTree</name>
    <message>
        <source>State of the node</source>
        <translation>节点的状态</translation>
    </message>
    <message>
        <source>Copy the value</source>
        <translation>复制值</translation>
    </message>
    <message>
        <source>Copy the path</source>
        <translation>复制路径</translation>
    </message>
    <message>
        <source>Run until it changes from this…</source>
        <translation>运行到它不再是这个值…</translation>
    </message>
</context>
<context>
    <name>lightcone::inspector::FlightModel</name>
    <message>
        <source>held by a rule</source>
        <translation>被规则扣留</translation>
    </message>
    <message>
        <source>will die: cut</source>
        <translation>将会丢失：链路已切断</translation>
    </message>
    <message>
        <source>in %1</source>
        <translation>%1 后</translation>
    </message>
    <message>
        <source>now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>%1 timer</source>
        <translation>%1 定时器</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>From</source>
        <translation>从</translation>
    </message>
    <message>
        <source>To</source>
        <translation>到</translation>
    </message>
    <message>
        <source>When</source>
        <translation>何时</translation>
    </message>
</context>
<context>
    <name>lightcone::inspector::Flights</name>
    <message>
        <source>What may happen next</source>
        <translation>接下来可能发生的事</translation>
    </message>
    <message>
        <source>Deliver</source>
        <translation>送达</translation>
    </message>
    <message>
        <source>Lets it happen at once</source>
        <translation>让它立即发生</translation>
    </message>
    <message>
        <source>Drop</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <source>The message dies</source>
        <translation>这条消息消失</translation>
    </message>
    <message>
        <source>Duplicate</source>
        <translation>复制一份</translation>
    </message>
    <message>
        <source>A second copy is under way</source>
        <translation>途中会多出一份副本</translation>
    </message>
    <message>
        <source>Delay…</source>
        <translation>延迟…</translation>
    </message>
    <message>
        <source>It arrives later</source>
        <translation>它会晚一些到达</translation>
    </message>
    <message>
        <source>Delay the message</source>
        <translation>延迟这条消息</translation>
    </message>
    <message>
        <source>By how long, such as 20ms or 1.5s:</source>
        <translation>延迟多久，例如 20ms 或 1.5s:</translation>
    </message>
    <message>
        <source>This happens next</source>
        <translation>接下来就发生它</translation>
    </message>
    <message>
        <source>Deliver now</source>
        <translation>立即送达</translation>
    </message>
    <message>
        <source>Fire now</source>
        <translation>立即触发</translation>
    </message>
    <message>
        <source>Go to where it was sent</source>
        <translation>转到发送它的地方</translation>
    </message>
    <message>
        <source>Nothing is under way and no timer is armed.</source>
        <translation>途中没有消息，也没有设定定时器。</translation>
    </message>
    <message>
        <source>By hand: choose a line and press Enter; it happens next.</source>
        <translation>手动：选择一行并按回车，它就是接下来发生的事。</translation>
    </message>
    <message>
        <source>Enter lets the chosen line happen next.</source>
        <translation>按回车让选中的一行接下来发生。</translation>
    </message>
</context>
<context>
    <name>lightcone::inspector::Inspector</name>
    <message>
        <source>Select a node in the topology or the timeline to see its state.</source>
        <translation>在拓扑图或时间线中选择一个节点，查看它的状态。</translation>
    </message>
    <message>
        <source>NEXT TO ARRIVE</source>
        <translation>即将到达</translation>
    </message>
    <message>
        <source>TIMERS</source>
        <translation>定时器</translation>
    </message>
    <message>
        <source>SAFETY</source>
        <translation>安全性</translation>
    </message>
    <message>
        <source>%1 → %2</source>
        <translation>%1 → %2</translation>
    </message>
    <message>
        <source>It has done nothing yet.</source>
        <translation>它还什么都没有做。</translation>
    </message>
    <message>
        <source>because</source>
        <translation>起因</translation>
    </message>
    <message>
        <source>its last step, %1 before this moment</source>
        <translation>它的上一步，在此刻之前 %1</translation>
    </message>
    <message>
        <source>%1 %2 → %3</source>
        <translation>%1 %2 → %3</translation>
    </message>
    <message>
        <source>held</source>
        <translation>被扣留</translation>
    </message>
    <message>
        <source>cut</source>
        <translation>已切断</translation>
    </message>
    <message>
        <source>in %1</source>
        <translation>%1 后</translation>
    </message>
    <message>
        <source>now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>Begins a new branch at the cursor.</source>
        <translation>将从光标处开始一个新分支。</translation>
    </message>
    <message>
        <source>Deliver</source>
        <translation>送达</translation>
    </message>
    <message>
        <source>Drop</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <source>Nothing is under way to or from it.</source>
        <translation>没有发往它或由它发出的消息在途中。</translation>
    </message>
    <message numerus="yes">
        <source>and %n more, see In flight</source>
        <translation>
            <numerusform>还有 %n 条，见“在途”</numerusform>
        </translation>
    </message>
    <message>
        <source>due</source>
        <translation>到期</translation>
    </message>
    <message>
        <source>Fire now</source>
        <translation>立即触发</translation>
    </message>
    <message>
        <source>Lets the timer run out at once.</source>
        <translation>让定时器立即到期。</translation>
    </message>
    <message>
        <source>event %1</source>
        <translation>事件 %1</translation>
    </message>
    <message>
        <source>its last step, at this moment</source>
        <translation>它的上一步，就在此刻</translation>
    </message>
</context>
<context>
    <name>lightcone::library::Library</name>
    <message>
        <source>Search runs and lessons</source>
        <translation>搜索运行和课程</translation>
    </message>
    <message>
        <source>Search the library</source>
        <translation>搜索资料库</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>资料库</translation>
    </message>
</context>
<context>
    <name>lightcone::library::LibraryModel</name>
    <message>
        <source>Recent files</source>
        <translation>最近的文件</translation>
    </message>
</context>
<context>
    <name>lightcone::run::Wording</name>
    <message>
        <source>start</source>
        <translation>启动</translation>
    </message>
    <message>
        <source>crash</source>
        <translation>崩溃</translation>
    </message>
    <message>
        <source>restart</source>
        <translation>重启</translation>
    </message>
    <message>
        <source>pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>resume</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>deliver</source>
        <translation>送达</translation>
    </message>
    <message>
        <source>drop</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <source>duplicate</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>timer</source>
        <translation>定时器</translation>
    </message>
    <message>
        <source>write</source>
        <translation>写入</translation>
    </message>
    <message>
        <source>sync</source>
        <translation>落盘</translation>
    </message>
    <message>
        <source>request</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>reply</source>
        <translation>答复</translation>
    </message>
    <message>
        <source>note</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>cut</source>
        <translation>已切断</translation>
    </message>
    <message>
        <source>heal</source>
        <translation>恢复链路</translation>
    </message>
    <message>
        <source>rule</source>
        <translation>规则</translation>
    </message>
    <message>
        <source>link</source>
        <translation>链路</translation>
    </message>
    <message>
        <source>clock</source>
        <translation>时钟</translation>
    </message>
    <message>
        <source>disk</source>
        <translation>磁盘</translation>
    </message>
    <message>
        <source>act</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>say</source>
        <translation>旁白</translation>
    </message>
    <message>
        <source>ask</source>
        <translation>提问</translation>
    </message>
    <message>
        <source>expect</source>
        <translation>期望</translation>
    </message>
    <message>
        <source>violation</source>
        <translation>违反</translation>
    </message>
    <message>
        <source>gap</source>
        <translation>缺口</translation>
    </message>
    <message>
        <source>not started</source>
        <translation>尚未启动</translation>
    </message>
    <message>
        <source>up</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>crashed</source>
        <translation>已崩溃</translation>
    </message>
    <message>
        <source>lost on the way</source>
        <translation>在途中丢失</translation>
    </message>
    <message>
        <source>the link is cut</source>
        <translation>链路已切断</translation>
    </message>
    <message>
        <source>nobody is there</source>
        <translation>对方不在</translation>
    </message>
    <message>
        <source>a rule</source>
        <translation>一条规则</translation>
    </message>
    <message>
        <source>dropped by hand</source>
        <translation>被手动丢弃</translation>
    </message>
    <message>
        <source>%1 starts</source>
        <translation>%1 启动</translation>
    </message>
    <message>
        <source>%1 crashes</source>
        <translation>%1 崩溃</translation>
    </message>
    <message>
        <source>%1 restarts from its disk</source>
        <translation>%1 从磁盘重启</translation>
    </message>
    <message>
        <source>%1 is paused</source>
        <translation>%1 被暂停</translation>
    </message>
    <message>
        <source>%1 goes on</source>
        <translation>%1 继续运行</translation>
    </message>
    <message>
        <source>%1 sends %2 to %3</source>
        <translation>%1 向 %3 发送 %2</translation>
    </message>
    <message>
        <source>%1 gets %2 from %3</source>
        <translation>%1 收到来自 %3 的 %2</translation>
    </message>
    <message>
        <source>%1 from %2 to %3 dies: %4</source>
        <translation>从 %2 发往 %3 的 %1 丢失：%4</translation>
    </message>
    <message>
        <source>a second copy of %1 from %2 to %3</source>
        <translation>从 %2 发往 %3 的 %1 多出一份副本</translation>
    </message>
    <message>
        <source>%1: the %2 timer runs out</source>
        <translation>%1:%2 定时器到期</translation>
    </message>
    <message>
        <source>%1 writes %2</source>
        <translation>%1 写入 %2</translation>
    </message>
    <message>
        <source>%1: what was written is on disk</source>
        <translation>%1：已写入的内容落盘</translation>
    </message>
    <message>
        <source>%1 asks %2: %3</source>
        <translation>%1 请求 %2:%3</translation>
    </message>
    <message>
        <source>%1 is answered: %2</source>
        <translation>%1 得到答复：%2</translation>
    </message>
    <message>
        <source>the link from %1 to %2 is cut</source>
        <translation>从 %1 到 %2 的链路被切断</translation>
    </message>
    <message>
        <source>the link from %1 to %2 carries again</source>
        <translation>从 %1 到 %2 的链路恢复</translation>
    </message>
    <message>
        <source>%1 is broken: %2</source>
        <translation>%1 被破坏：%2</translation>
    </message>
    <message>
        <source>%1 is not judged from here on: %2</source>
        <translation>自此不再判定 %1：%2</translation>
    </message>
    <message>
        <source>%1 from %2</source>
        <translation>来自 %2 的 %1</translation>
    </message>
    <message>
        <source>the %1 timer ran out</source>
        <translation>%1 定时器到期</translation>
    </message>
    <message>
        <source>it started</source>
        <translation>它启动了</translation>
    </message>
    <message>
        <source>it restarted from its disk</source>
        <translation>它从磁盘重启了</translation>
    </message>
    <message>
        <source>the clock of %1: %2</source>
        <translation>%1 的时钟：%2</translation>
    </message>
    <message>
        <source>the disk of %1: %2</source>
        <translation>%1 的磁盘：%2</translation>
    </message>
    <message>
        <source>all links: %1</source>
        <translation>所有链路：%1</translation>
    </message>
    <message>
        <source>the link from %1 to %2: %3</source>
        <translation>从 %1 到 %2 的链路：%3</translation>
    </message>
    <message>
        <source>{} crashed</source>
        <translation>{} 崩溃</translation>
    </message>
    <message>
        <source>{} restarted</source>
        <translation>{} 重启</translation>
    </message>
    <message>
        <source>{} paused</source>
        <translation>{} 暂停</translation>
    </message>
    <message>
        <source>{} resumed</source>
        <translation>{} 恢复</translation>
    </message>
    <message>
        <source>{} to {} cut</source>
        <translation>{} 到 {} 已切断</translation>
    </message>
    <message>
        <source>{} to {} healed</source>
        <translation>{} 到 {} 已恢复</translation>
    </message>
    <message>
        <source>×{}</source>
        <translation>×{}</translation>
    </message>
    <message>
        <source>+{}</source>
        <translation>+{}</translation>
    </message>
    <message>
        <source>{} clients</source>
        <translation>{} 个客户端</translation>
    </message>
    <message>
        <source>waits for {}</source>
        <translation>等待 {}</translation>
    </message>
</context>
<context>
    <name>lightcone::timeline::Branches</name>
    <message>
        <source>Branches</source>
        <translation>分支</translation>
    </message>
    <message>
        <source>Go to this branch</source>
        <translation>转到这个分支</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重命名…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Rename branch</source>
        <translation>重命名分支</translation>
    </message>
    <message>
        <source>Name:</source>
        <translation>名称：</translation>
    </message>
</context>
<context>
    <name>lightcone::timeline::Canvas</name>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
    <message>
        <source>A lane for each node and an arrow for each message. Arrow keys step by event, with Ctrl by the selected node&apos;s events; plus and minus zoom.</source>
        <translation>每个节点一条泳道，每条消息一个箭头。方向键按事件移动，加 Ctrl 则按所选节点的事件移动；加号和减号缩放。</translation>
    </message>
    <message>
        <source>Nothing has happened yet</source>
        <translation>还没有发生任何事</translation>
    </message>
    <message>
        <source>Open a run from the library</source>
        <translation>从资料库中打开一次运行</translation>
    </message>
    <message>
        <source>sent %1</source>
        <translation>发送于 %1</translation>
    </message>
    <message>
        <source>died %1 (%2)</source>
        <translation>丢失于 %1(%2)</translation>
    </message>
    <message>
        <source>arrived %1 (%2 later)</source>
        <translation>到达于 %1(%2 之后)</translation>
    </message>
    <message>
        <source>under way</source>
        <translation>在途中</translation>
    </message>
    <message>
        <source>event %1 at %2</source>
        <translation>事件 %1，时刻 %2</translation>
    </message>
    <message>
        <source>%1 events</source>
        <translation>%1 个事件</translation>
    </message>
    <message>
        <source>%1 messages %2</source>
        <translation>%1 条消息 %2</translation>
    </message>
    <message>
        <source>%1 events on %2</source>
        <translation>%2 上的 %1 个事件</translation>
    </message>
    <message>
        <source>%1 to %2; double-click to look closer</source>
        <translation>%1 到 %2；双击可以看得更细</translation>
    </message>
    <message>
        <source>no order of the operations explains its answer</source>
        <translation>没有任何操作顺序能解释它得到的应答</translation>
    </message>
    <message>
        <source>may have taken effect %1</source>
        <translation>可能于 %1 生效</translation>
    </message>
    <message>
        <source>clients</source>
        <translation>客户端</translation>
    </message>
    <message>
        <source>Click to give each client a lane of its own, or all of them one (G)</source>
        <translation>点击：每个客户端一条泳道，或全部共用一条（G）</translation>
    </message>
</context>
<context>
    <name>lightcone::timeline::Minimap</name>
    <message>
        <source>The whole run</source>
        <translation>整个运行过程</translation>
    </message>
    <message>
        <source>The whole run: drag to move what the timeline shows</source>
        <translation>整个运行过程：拖动可以移动时间线显示的部分</translation>
    </message>
</context>
<context>
    <name>lightcone::timeline::Timeline</name>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
    <message>
        <source>kind == drop and to == n3</source>
        <translation>kind == drop and to == n3</translation>
    </message>
    <message>
        <source>Filter of the timeline</source>
        <translation>时间线筛选</translation>
    </message>
    <message>
        <source>Lights what answers the question and dims the rest</source>
        <translation>突出符合问题的部分，其余变暗</translation>
    </message>
    <message>
        <source>Causal cone</source>
        <translation>因果锥</translation>
    </message>
    <message>
        <source>Lights what led to the selected event and what follows from it (C)</source>
        <translation>突出导致所选事件的一切，以及由它引出的一切(C)</translation>
    </message>
    <message>
        <source>%1 events · %2 kinds</source>
        <translation>%1 个事件 · %2 种</translation>
    </message>
    <message>
        <source>%1 of %2 events</source>
        <translation>%2 个事件中的 %1 个</translation>
    </message>
    <message>
        <source>searching, %1 %</source>
        <translation>正在搜索，%1 %</translation>
    </message>
</context>
<context>
    <name>lightcone::topology::Topology</name>
    <message>
        <source>Send a request…</source>
        <translation>发送请求…</translation>
    </message>
    <message>
        <source>Start %1</source>
        <translation>启动 %1</translation>
    </message>
    <message>
        <source>Restart %1</source>
        <translation>重启 %1</translation>
    </message>
    <message>
        <source>Crash %1</source>
        <translation>让 %1 崩溃</translation>
    </message>
    <message>
        <source>Resume %1</source>
        <translation>恢复 %1</translation>
    </message>
    <message>
        <source>Pause %1</source>
        <translation>暂停 %1</translation>
    </message>
    <message>
        <source>Isolate from everyone</source>
        <translation>与所有节点隔离</translation>
    </message>
    <message>
        <source>Heal all its links</source>
        <translation>恢复它的所有链路</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>时钟</translation>
    </message>
    <message>
        <source>100 ms ahead</source>
        <translation>快 100 ms</translation>
    </message>
    <message>
        <source>100 ms behind</source>
        <translation>慢 100 ms</translation>
    </message>
    <message>
        <source>10 % fast</source>
        <translation>走快 10 %</translation>
    </message>
    <message>
        <source>Right again</source>
        <translation>恢复准确</translation>
    </message>
    <message>
        <source>Set…</source>
        <translation>设置…</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>磁盘</translation>
    </message>
    <message>
        <source>Ten times slower</source>
        <translation>慢十倍</translation>
    </message>
    <message>
        <source>Full</source>
        <translation>已满</translation>
    </message>
    <message>
        <source>Forgets its last write in a crash</source>
        <translation>崩溃时丢失最后一次写入</translation>
    </message>
    <message>
        <source>Healthy again</source>
        <translation>恢复正常</translation>
    </message>
    <message>
        <source>Request %1</source>
        <translation>请求 %1</translation>
    </message>
    <message>
        <source>Heal both ways</source>
        <translation>恢复双向</translation>
    </message>
    <message>
        <source>Cut both ways</source>
        <translation>切断双向</translation>
    </message>
    <message>
        <source>Heal %1</source>
        <translation>恢复 %1</translation>
    </message>
    <message>
        <source>Cut %1</source>
        <translation>切断 %1</translation>
    </message>
    <message>
        <source>Slow: 50 ms</source>
        <translation>变慢：50 ms</translation>
    </message>
    <message>
        <source>Loses one in five</source>
        <translation>每五条丢一条</translation>
    </message>
    <message>
        <source>As planned again</source>
        <translation>恢复原定设置</translation>
    </message>
    <message>
        <source>Deliver now</source>
        <translation>立即送达</translation>
    </message>
    <message>
        <source>Drop</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <source>Duplicate</source>
        <translation>复制一份</translation>
    </message>
    <message>
        <source>Delay by 10 ms</source>
        <translation>延迟 10 ms</translation>
    </message>
    <message>
        <source>Delay by 100 ms</source>
        <translation>延迟 100 ms</translation>
    </message>
    <message>
        <source>Delay…</source>
        <translation>延迟…</translation>
    </message>
    <message>
        <source>Delay the message</source>
        <translation>延迟这条消息</translation>
    </message>
    <message>
        <source>By how much:</source>
        <translation>延迟多少：</translation>
    </message>
    <message>
        <source>Go to where it was sent</source>
        <translation>转到发送它的地方</translation>
    </message>
    <message>
        <source>Link %1 – %2</source>
        <translation>链路 %1 – %2</translation>
    </message>
    <message>
        <source>Heal all links</source>
        <translation>恢复所有链路</translation>
    </message>
    <message>
        <source>Put the nodes back in order</source>
        <translation>节点恢复原来的排列</translation>
    </message>
    <message>
        <source>timer %1 at %2</source>
        <translation>定时器 %1，时刻 %2</translation>
    </message>
    <message>
        <source>disk: %1</source>
        <translation>磁盘：%1</translation>
    </message>
    <message>
        <source>%1 writes not yet durable</source>
        <translation>%1 次写入尚未落盘</translation>
    </message>
    <message>
        <source>&lt;b&gt;%1 – %2&lt;/b&gt;&lt;br&gt;Click cuts or heals it, with Shift one way only</source>
        <translation>&lt;b&gt;%1 – %2&lt;/b&gt;&lt;br&gt;单击切断或恢复，按住 Shift 则只作用于一个方向</translation>
    </message>
    <message>
        <source>held by a rule</source>
        <translation>被规则扣留</translation>
    </message>
    <message>
        <source>arrives %1</source>
        <translation>到达于 %1</translation>
    </message>
    <message>
        <source>%1 clients</source>
        <translation>%1 个客户端</translation>
    </message>
    <message>
        <source>Topology</source>
        <translation>拓扑图</translation>
    </message>
    <message>
        <source>The nodes, their links and the messages under way. Tab goes from node to node, Return opens what can be done to one, Delete crashes it.</source>
        <translation>节点、它们之间的链路和途中的消息。Tab 在节点间移动，回车打开可对节点做的操作，Delete 让它崩溃。</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>正在查找…</translation>
    </message>
    <message>
        <source>Open a run from the library</source>
        <translation>从资料库中打开一次运行</translation>
    </message>
    <message>
        <source>Nothing has happened yet</source>
        <translation>还没有发生任何事</translation>
    </message>
</context>
<context>
    <name>lightcone::window::CommandPalette</name>
    <message>
        <source>Do anything…</source>
        <translation>执行任何操作…</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
</context>
<context>
    <name>lightcone::window::CompareChoice</name>
    <message>
        <source>With other settings:</source>
        <translation>使用其他设置：</translation>
    </message>
    <message>
        <source>Compare with</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Search branches and scenarios</source>
        <translation>搜索分支和场景</translation>
    </message>
    <message>
        <source>What the scenario&apos;s cluster line takes; the rest stays as it is written there</source>
        <translation>场景的 cluster 行所接受的内容；其余保持原样</translation>
    </message>
    <message>
        <source>The same scenario with other settings</source>
        <translation>同一场景，使用其他设置</translation>
    </message>
    <message>
        <source>Branch: %1</source>
        <translation>分支：%1</translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Runs (*.scenario *.lightcone);;All files (*)</source>
        <translation>运行 (*.scenario *.lightcone);;所有文件 (*)</translation>
    </message>
</context>
<context>
    <name>lightcone::window::CompareWindow</name>
    <message>
        <source>%1 and %2 — Lightcone</source>
        <translation>%1 与 %2 — Lightcone</translation>
    </message>
    <message>
        <source>aligned by time</source>
        <translation>按时间对齐</translation>
    </message>
    <message>
        <source>aligned by event</source>
        <translation>按事件对齐</translation>
    </message>
    <message>
        <source>Whether both runs are shown at the same moment or after as many events</source>
        <translation>两次运行显示在同一时刻，还是在同样多的事件之后</translation>
    </message>
    <message>
        <source>How the runs are aligned</source>
        <translation>运行如何对齐</translation>
    </message>
    <message>
        <source>The moment that both runs are at</source>
        <translation>两次运行所处的时刻</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>对数</translation>
    </message>
    <message>
        <source>Counts upwards in powers of ten (L)</source>
        <translation>按十的幂向上计数 (L)</translation>
    </message>
    <message>
        <source>left run solid · right run dashed · shared time axis</source>
        <translation>左侧运行为实线 · 右侧运行为虚线 · 共用时间轴</translation>
    </message>
    <message>
        <source>What differs</source>
        <translation>差异</translation>
    </message>
    <message>
        <source>the run has ended</source>
        <translation>运行已结束</translation>
    </message>
    <message>
        <source>first different event</source>
        <translation>第一个不同的事件</translation>
    </message>
    <message>
        <source>Two protocols: %1 and %2</source>
        <translation>两种协议：%1 与 %2</translation>
    </message>
    <message>
        <source>The same protocol, seed and parameters</source>
        <translation>相同的协议、种子和参数</translation>
    </message>
    <message>
        <source>Given differently: %1</source>
        <translation>给定的不同：%1</translation>
    </message>
    <message>
        <source>Both runs at %1</source>
        <translation>两次运行均在 %1</translation>
    </message>
    <message>
        <source>Both runs after event %1</source>
        <translation>两次运行均在事件 %1 之后</translation>
    </message>
    <message>
        <source>in %1 places</source>
        <translation>%1 处不同</translation>
    </message>
    <message>
        <source>what is done</source>
        <translation>所做的事</translation>
    </message>
    <message>
        <source>as written</source>
        <translation>按场景原样</translation>
    </message>
    <message>
        <source>%1 ended at %2</source>
        <translation>%1 在 %2 结束</translation>
    </message>
</context>
<context>
    <name>lightcone::window::Desktop</name>
    <message>
        <source>%1 is no picture that can be written: its name ends in .png, .pdf or .svg.</source>
        <translation>无法写成图片 %1：文件名须以 .png、.pdf 或 .svg 结尾。</translation>
    </message>
</context>
<context>
    <name>lightcone::window::DifferencesModel</name>
    <message>
        <source>difference</source>
        <translation>差值</translation>
    </message>
    <message>
        <source>Nothing differs</source>
        <translation>没有差异</translation>
    </message>
    <message>
        <source>What differs</source>
        <translation>差异</translation>
    </message>
</context>
<context>
    <name>lightcone::window::Dock</name>
    <message>
        <source>Undock</source>
        <translation>脱离停靠</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>lightcone::window::Headline</name>
    <message>
        <source>No run is open</source>
        <translation>没有打开的运行</translation>
    </message>
    <message>
        <source>Choose one from the library, or drop a file here.</source>
        <translation>从资料库中选择一个，或把文件拖到这里。</translation>
    </message>
    <message numerus="yes">
        <source>%1 · %n nodes · live</source>
        <translation>
            <numerusform>%1 · %n 个节点 · 实时</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 · %n nodes · seed %2</source>
        <translation>
            <numerusform>%1 · %n 个节点 · 种子 %2</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, at %2</source>
        <translation>%1，时刻 %2</translation>
    </message>
</context>
<context>
    <name>lightcone::window::KeySheet</name>
    <message>
        <source>Keyboard</source>
        <translation>键盘</translation>
    </message>
    <message>
        <source>In the timeline</source>
        <translation>在时间线中</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>空格</translation>
    </message>
    <message>
        <source>Play or pause</source>
        <translation>播放或暂停</translation>
    </message>
    <message>
        <source>One event back or forth</source>
        <translation>后退或前进一个事件</translation>
    </message>
    <message>
        <source>Wheel</source>
        <translation>滚轮</translation>
    </message>
    <message>
        <source>Zoom at the pointer</source>
        <translation>以指针为中心缩放</translation>
    </message>
    <message>
        <source>In the events and in flight</source>
        <translation>在事件和在途列表中</translation>
    </message>
    <message>
        <source>One line up or down</source>
        <translation>上移或下移一行</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>回车</translation>
    </message>
    <message>
        <source>In flight: this happens next</source>
        <translation>在途：接下来就发生它</translation>
    </message>
    <message>
        <source>A lane for each client, or one for all</source>
        <translation>每个客户端一条泳道，或全部共用一条</translation>
    </message>
</context>
<context>
    <name>lightcone::window::LinkDialog</name>
    <message>
        <source>Only in this direction</source>
        <translation>仅此方向</translation>
    </message>
    <message>
        <source>Slow link</source>
        <translation>慢速链路</translation>
    </message>
    <message>
        <source>Every link</source>
        <translation>所有链路</translation>
    </message>
    <message>
        <source>From</source>
        <translation>从</translation>
    </message>
    <message>
        <source>To</source>
        <translation>到</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>延迟</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>丢包</translation>
    </message>
    <message>
        <source>Duplicates</source>
        <translation>重复</translation>
    </message>
    <message>
        <source>Reordering</source>
        <translation>乱序</translation>
    </message>
    <message>
        <source>Change the link</source>
        <translation>更改链路</translation>
    </message>
    <message>
        <source>A time such as 50ms, or a range such as 10ms..80ms</source>
        <translation>一个时间，例如 50ms；或一个范围，例如 10ms..80ms</translation>
    </message>
</context>
<context>
    <name>lightcone::window::MainWindow</name>
    <message>
        <source>Restart</source>
        <translation>重启</translation>
    </message>
    <message>
        <source>Crash</source>
        <translation>崩溃</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Restart %1 from its disk</source>
        <translation>让 %1 从磁盘重启</translation>
    </message>
    <message>
        <source>Crash %1</source>
        <translation>让 %1 崩溃</translation>
    </message>
    <message>
        <source>Let %1 go on</source>
        <translation>让 %1 继续运行</translation>
    </message>
    <message>
        <source>Pause %1</source>
        <translation>暂停 %1</translation>
    </message>
    <message>
        <source>The disk of %1</source>
        <translation>%1 的磁盘</translation>
    </message>
    <message>
        <source>slow=10 (times slower), full, forgets=3 (writes that a crash takes) or ok:</source>
        <translation>slow=10（慢多少倍）、full（已满）、forgets=3（崩溃时丢失的写入数）或 ok（正常）：</translation>
    </message>
    <message>
        <source>Send a request to %1</source>
        <translation>向 %1 发送请求</translation>
    </message>
    <message>
        <source>This node is asked and no other:</source>
        <translation>只询问这个节点：</translation>
    </message>
    <message>
        <source>Skew the clock of %1</source>
        <translation>调偏 %1 的时钟</translation>
    </message>
    <message>
        <source>How far ahead of the run&apos;s time, such as 50ms or -1s:</source>
        <translation>比运行时间快多少，例如 50ms 或 -1s:</translation>
    </message>
    <message>
        <source>Do a line of the scenario language</source>
        <translation>执行一行场景语言</translation>
    </message>
    <message>
        <source>Such as: cut n1 -&gt; n2 · rule hold Vote from n3 · request put x 1</source>
        <translation>例如：cut n1 -&gt; n2 · rule hold Vote from n3 · request put x 1</translation>
    </message>
    <message>
        <source>Run for a time</source>
        <translation>运行一段时间</translation>
    </message>
    <message>
        <source>Virtual time, such as 200ms or 5s:</source>
        <translation>虚拟时间，例如 200ms 或 5s:</translation>
    </message>
    <message>
        <source>Go to event</source>
        <translation>转到事件</translation>
    </message>
    <message>
        <source>Its number, from 1 to %1:</source>
        <translation>事件编号，从 1 到 %1:</translation>
    </message>
    <message>
        <source>Fork here</source>
        <translation>在此分叉</translation>
    </message>
    <message>
        <source>A new branch begins after event %1. Its name:</source>
        <translation>新分支从事件 %1 之后开始。它的名称：</translation>
    </message>
    <message>
        <source>what if %1</source>
        <translation>假如 %1</translation>
    </message>
    <message>
        <source>Rename the branch</source>
        <translation>重命名分支</translation>
    </message>
    <message>
        <source>Its new name:</source>
        <translation>新名称：</translation>
    </message>
    <message>
        <source>Remove the branch</source>
        <translation>删除分支</translation>
    </message>
    <message>
        <source>Remove the branch %1 and all that happened only in it?</source>
        <translation>删除分支 %1 以及只在其中发生的一切？</translation>
    </message>
    <message>
        <source>Faults</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>Requests</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>Branches</source>
        <translation>分支</translation>
    </message>
    <message>
        <source>Panels</source>
        <translation>面板</translation>
    </message>
    <message>
        <source>About Lightcone</source>
        <translation>关于 Lightcone</translation>
    </message>
    <message>
        <source>&lt;b&gt;Lightcone %1&lt;/b&gt;&lt;p&gt;An explorer for distributed protocols: click through a run, crash nodes, cut links, step back, branch, compare.&lt;/p&gt;&lt;p&gt;GPL-3.0-or-later&lt;/p&gt;</source>
        <translation>&lt;b&gt;Lightcone %1&lt;/b&gt;&lt;p&gt;分布式协议探索器：逐步观察一次运行，让节点崩溃，切断链路，回退，分叉，比较。&lt;/p&gt;&lt;p&gt;GPL-3.0-or-later&lt;/p&gt;</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Runs (*.scenario *.lightcone);;Scenarios (*.scenario);;Recorded runs (*.lightcone);;All files (*)</source>
        <translation>运行 (*.scenario *.lightcone);;场景 (*.scenario);;记录的运行 (*.lightcone);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Opening %1…</source>
        <translation>正在打开 %1…</translation>
    </message>
    <message>
        <source>Cannot open %1</source>
        <translation>无法打开 %1</translation>
    </message>
    <message>
        <source>Save as scenario</source>
        <translation>另存为场景</translation>
    </message>
    <message>
        <source>Scenarios (*.scenario)</source>
        <translation>场景 (*.scenario)</translation>
    </message>
    <message>
        <source>%1 cannot be written: %2.</source>
        <translation>无法写入 %1:%2。</translation>
    </message>
    <message>
        <source>Saved as %1. It replays exactly this run.</source>
        <translation>已保存为 %1。它会原样重放这次运行。</translation>
    </message>
    <message>
        <source>Save the recorded run</source>
        <translation>保存记录的运行</translation>
    </message>
    <message>
        <source>Recorded runs (*.lightcone)</source>
        <translation>记录的运行 (*.lightcone)</translation>
    </message>
    <message>
        <source>Saving %1…</source>
        <translation>正在保存 %1…</translation>
    </message>
    <message>
        <source>Saved as %1.</source>
        <translation>已保存为 %1。</translation>
    </message>
    <message>
        <source>Unsaved changes</source>
        <translation>未保存的更改</translation>
    </message>
    <message>
        <source>What you did in this run is not saved. Keep it as a scenario?</source>
        <translation>您在这次运行中所做的操作尚未保存。要保存为场景吗？</translation>
    </message>
    <message>
        <source>Save as scenario…</source>
        <translation>另存为场景…</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>放弃</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Written to %1.</source>
        <translation>已写入 %1。</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>资料库</translation>
    </message>
    <message>
        <source>Topology</source>
        <translation>拓扑图</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>Inspector</source>
        <translation>检查器</translation>
    </message>
    <message>
        <source>In flight</source>
        <translation>在途</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>In flight %1</source>
        <translation>在途 %1</translation>
    </message>
    <message>
        <source>Checks %1/%2</source>
        <translation>检查 %1/%2</translation>
    </message>
    <message>
        <source>%1, %2?</source>
        <translation>%1，%2 项未判</translation>
    </message>
    <message>
        <source>Opening…</source>
        <translation>正在打开…</translation>
    </message>
    <message>
        <source>No run is open</source>
        <translation>没有打开的运行</translation>
    </message>
    <message>
        <source>Replaying what was recorded</source>
        <translation>正在重放记录的内容</translation>
    </message>
    <message>
        <source>Waiting for your answer</source>
        <translation>正在等待你的回答</translation>
    </message>
    <message>
        <source>event %1 of %2</source>
        <translation>事件 %1 / %2</translation>
    </message>
    <message>
        <source>Every run replays exactly from seed %1</source>
        <translation>每次运行都能由种子 %1 完全重现</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>&amp;Open…</source>
        <translation>打开(&amp;O)…</translation>
    </message>
    <message>
        <source>Run it from the star&amp;t again</source>
        <translation>从头再运行一次(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Save as scenario…</source>
        <translation>另存为场景(&amp;S)…</translation>
    </message>
    <message>
        <source>Save the recor&amp;ded run…</source>
        <translation>保存记录的运行(&amp;D)…</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>导出(&amp;E)…</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>前进一步</translation>
    </message>
    <message>
        <source>Step back</source>
        <translation>后退一步</translation>
    </message>
    <message>
        <source>To the start</source>
        <translation>到开头</translation>
    </message>
    <message>
        <source>To the end</source>
        <translation>到末尾</translation>
    </message>
    <message>
        <source>Faster</source>
        <translation>加快</translation>
    </message>
    <message>
        <source>Slower</source>
        <translation>减慢</translation>
    </message>
    <message>
        <source>As fast as it goes</source>
        <translation>全速运行</translation>
    </message>
    <message>
        <source>By &amp;hand: pick what happens next</source>
        <translation>手动：选择接下来发生什么(&amp;H)</translation>
    </message>
    <message>
        <source>Run &amp;until…</source>
        <translation>运行到…(&amp;U)</translation>
    </message>
    <message>
        <source>Run &amp;for a time…</source>
        <translation>运行一段时间(&amp;F)…</translation>
    </message>
    <message>
        <source>Write a re&amp;quest</source>
        <translation>填写请求(&amp;Q)</translation>
    </message>
    <message>
        <source>Send the request</source>
        <translation>发送这个请求</translation>
    </message>
    <message>
        <source>Partition</source>
        <translation>网络分区</translation>
    </message>
    <message>
        <source>Isolate</source>
        <translation>隔离</translation>
    </message>
    <message>
        <source>Slow link</source>
        <translation>慢速链路</translation>
    </message>
    <message>
        <source>&amp;Heal everything</source>
        <translation>恢复所有链路(&amp;H)</translation>
    </message>
    <message>
        <source>Skew its &amp;clock…</source>
        <translation>调偏它的时钟(&amp;C)…</translation>
    </message>
    <message>
        <source>Its disk is slow</source>
        <translation>它的磁盘变慢</translation>
    </message>
    <message>
        <source>Its disk is full</source>
        <translation>它的磁盘已满</translation>
    </message>
    <message>
        <source>Its disk is healthy</source>
        <translation>它的磁盘恢复正常</translation>
    </message>
    <message>
        <source>&amp;Do a line of the scenario language…</source>
        <translation>执行一行场景语言(&amp;D)…</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>重做(&amp;R)</translation>
    </message>
    <message>
        <source>Re&amp;name the branch…</source>
        <translation>重命名分支(&amp;N)…</translation>
    </message>
    <message>
        <source>&amp;Go to event…</source>
        <translation>转到事件(&amp;G)…</translation>
    </message>
    <message>
        <source>Next event of the selected node</source>
        <translation>所选节点的下一个事件</translation>
    </message>
    <message>
        <source>Previous event of the selected node</source>
        <translation>所选节点的上一个事件</translation>
    </message>
    <message>
        <source>Causal c&amp;one</source>
        <translation>因果锥(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Filter the events</source>
        <translation>筛选事件(&amp;F)</translation>
    </message>
    <message>
        <source>View</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>Do anything…</source>
        <translation>执行任何操作…</translation>
    </message>
    <message>
        <source>Search the li&amp;brary</source>
        <translation>搜索资料库(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Reset the layout</source>
        <translation>重置布局(&amp;R)</translation>
    </message>
    <message>
        <source>Full &amp;screen</source>
        <translation>全屏(&amp;S)</translation>
    </message>
    <message>
        <source>Reduced &amp;motion</source>
        <translation>减少动画(&amp;M)</translation>
    </message>
    <message>
        <source>Theme: as the system</source>
        <translation>主题：跟随系统</translation>
    </message>
    <message>
        <source>Theme: dark</source>
        <translation>主题：深色</translation>
    </message>
    <message>
        <source>Theme: light</source>
        <translation>主题：浅色</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>帮助</translation>
    </message>
    <message>
        <source>&amp;Keyboard</source>
        <translation>键盘(&amp;K)</translation>
    </message>
    <message>
        <source>The &amp;language for asking</source>
        <translation>提问的语言(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;About Lightcone</source>
        <translation>关于 Lightcone(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>Open &amp;recent</source>
        <translation>打开最近的文件(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>运行(&amp;R)</translation>
    </message>
    <message>
        <source>F&amp;aults</source>
        <translation>故障(&amp;A)</translation>
    </message>
    <message>
        <source>Crash a &amp;node</source>
        <translation>让节点崩溃(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Timeline</source>
        <translation>时间线(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Branches</source>
        <translation>分支(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>主题(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>语言(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>%1 Do anything…</source>
        <translation>%1 执行任何操作…</translation>
    </message>
    <message>
        <source>None yet</source>
        <translation>还没有</translation>
    </message>
    <message>
        <source>Forget them</source>
        <translation>清除记录</translation>
    </message>
    <message>
        <source>%1, %2 events</source>
        <translation>%1，%2 个事件</translation>
    </message>
    <message>
        <source>&amp;Connect to nodes…</source>
        <translation>连接到节点(&amp;C)…</translation>
    </message>
    <message>
        <source>Start a real cluster &amp;here…</source>
        <translation>在本机启动真实集群(&amp;H)…</translation>
    </message>
    <message>
        <source>Continue as &amp;simulation</source>
        <translation>继续作为模拟(&amp;S)</translation>
    </message>
    <message>
        <source>Connecting to %1…</source>
        <translation>正在连接到 %1…</translation>
    </message>
    <message>
        <source>Cannot connect to %1</source>
        <translation>无法连接到 %1</translation>
    </message>
    <message>
        <source>%1, live — Lightcone</source>
        <translation>%1，实时 — Lightcone</translation>
    </message>
    <message>
        <source>Start a real cluster here</source>
        <translation>在本机启动真实集群</translation>
    </message>
    <message>
        <source>The program lightcone-node was found neither beside this one nor on the path.</source>
        <translation>在本程序旁边和搜索路径中都找不到 lightcone-node 程序。</translation>
    </message>
    <message>
        <source>Making certificates and configurations…</source>
        <translation>正在生成证书和配置…</translation>
    </message>
    <message>
        <source>%1 ended: %2</source>
        <translation>%1 已结束：%2</translation>
    </message>
    <message>
        <source>it said nothing</source>
        <translation>它什么也没说</translation>
    </message>
    <message>
        <source>what if from event %1</source>
        <translation>从事件 %1 开始的假设</translation>
    </message>
    <message>
        <source>Nodes</source>
        <translation>节点</translation>
    </message>
    <message>
        <source>Nodes %1/%2</source>
        <translation>节点 %1/%2</translation>
    </message>
    <message>
        <source>expected a setting such as seed=7, found &apos;%1&apos;</source>
        <translation>应为 seed=7 这样的设置，却是“%1”</translation>
    </message>
    <message>
        <source>Nothing has happened yet.</source>
        <translation>还没有发生任何事情。</translation>
    </message>
    <message>
        <source>Compare with</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Running %1…</source>
        <translation>正在运行 %1…</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>图表</translation>
    </message>
    <message>
        <source>&amp;Compare with…</source>
        <translation>比较(&amp;C)…</translation>
    </message>
    <message>
        <source>The run in &amp;charts</source>
        <translation>运行图表(&amp;C)</translation>
    </message>
    <message>
        <source>seed %1</source>
        <translation>种子 %1</translation>
    </message>
    <message numerus="yes">
        <source>%n nodes</source>
        <translation>
            <numerusform>%n 个节点</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n clients</source>
        <translation>
            <numerusform>%n 个客户端</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 events</source>
        <translation>%1 个事件</translation>
    </message>
</context>
<context>
    <name>lightcone::window::Narration</name>
    <message>
        <source>What was said before</source>
        <translation>上一段旁白</translation>
    </message>
    <message>
        <source>What is said next</source>
        <translation>下一段旁白</translation>
    </message>
    <message>
        <source>Put away</source>
        <translation>收起</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
</context>
<context>
    <name>lightcone::window::Notice</name>
    <message>
        <source>Put away</source>
        <translation>收起</translation>
    </message>
</context>
<context>
    <name>lightcone::window::PartitionDialog</name>
    <message>
        <source>Partition</source>
        <translation>网络分区</translation>
    </message>
    <message>
        <source>Nodes of different groups no longer hear each other.</source>
        <translation>不同组的节点彼此不再听得到。</translation>
    </message>
    <message>
        <source>Group A</source>
        <translation>A 组</translation>
    </message>
    <message>
        <source>Group B</source>
        <translation>B 组</translation>
    </message>
    <message>
        <source>Group C</source>
        <translation>C 组</translation>
    </message>
    <message>
        <source>Hears everybody</source>
        <translation>听得到所有节点</translation>
    </message>
    <message>
        <source>Put nodes into at least two groups.</source>
        <translation>请把节点分到至少两个组。</translation>
    </message>
</context>
<context>
    <name>lightcone::window::QuestionSheet</name>
    <message>
        <source>The language for asking</source>
        <translation>提问的语言</translation>
    </message>
    <message>
        <source>One language filters the events, stops a run and states what a scenario expects.</source>
        <translation>同一种语言用来筛选事件、停下运行，以及写明场景的期望。</translation>
    </message>
    <message>
        <source>A message to n3 died</source>
        <translation>一条发往 n3 的消息丢失了</translation>
    </message>
    <message>
        <source>Whatever concerns n1</source>
        <translation>与 n1 有关的一切</translation>
    </message>
    <message>
        <source>A note that contains the word</source>
        <translation>包含该词的说明</translation>
    </message>
    <message>
        <source>While n4&apos;s state says so</source>
        <translation>当 n4 的状态如此时</translation>
    </message>
    <message>
        <source>How many nodes are such</source>
        <translation>符合条件的节点有多少个</translation>
    </message>
    <message>
        <source>Sends in whose causal past there is a crash</source>
        <translation>因果过去中有一次崩溃的发送</translation>
    </message>
    <message>
        <source>Words of this run</source>
        <translation>这次运行的词汇</translation>
    </message>
</context>
<context>
    <name>lightcone::window::ToolRow</name>
    <message>
        <source>Controls</source>
        <translation>控件</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>How fast virtual time passes, from 1/1000 to as fast as it goes</source>
        <translation>虚拟时间流逝得多快，从 1/1000 到全速</translation>
    </message>
    <message>
        <source>Request of a client</source>
        <translation>客户端的请求</translation>
    </message>
    <message>
        <source>Send request</source>
        <translation>发送请求</translation>
    </message>
    <message>
        <source>A client asks the cluster; to ask one node add: to n2</source>
        <translation>由客户端向集群请求；要指定节点，请加上：to n2</translation>
    </message>
    <message>
        <source>no requests</source>
        <translation>没有请求</translation>
    </message>
    <message>
        <source>real time</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>by hand</source>
        <translation>手动</translation>
    </message>
    <message>
        <source>Real nodes go at their own speed; what is past can be replayed at any</source>
        <translation>真实节点按自己的速度运行；过去的部分可以按任意速度回放</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
</context>
<context>
    <name>lightcone::window::Transport</name>
    <message>
        <source>as fast as it goes</source>
        <translation>全速运行</translation>
    </message>
    <message>
        <source>×%1 speed</source>
        <translation>×%1 速度</translation>
    </message>
    <message>
        <source>Open a run first.</source>
        <translation>请先打开一次运行。</translation>
    </message>
    <message>
        <source>Answer the question first.</source>
        <translation>请先回答问题。</translation>
    </message>
    <message>
        <source>This is the end of the recording.</source>
        <translation>这里是记录的末尾。</translation>
    </message>
    <message>
        <source>This protocol takes no requests.</source>
        <translation>此协议不接受请求。</translation>
    </message>
    <message>
        <source>Nothing more happens by itself: send a request or step back.</source>
        <translation>不会再自行发生什么：请发送请求或后退一步。</translation>
    </message>
</context>
<context>
    <name>lightcone::window::UntilDialog</name>
    <message>
        <source>Run until</source>
        <translation>运行到</translation>
    </message>
    <message>
        <source>Run on until this holds after a step:</source>
        <translation>继续运行，直到某一步之后以下条件成立：</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Such as: n4.role == leader · kind == drop and to == n3 · count(role == leader) &lt;= 1</source>
        <translation>例如：n4.role == leader · kind == drop and to == n3 · count(role == leader) &lt;= 1</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
</context>
</TS>
