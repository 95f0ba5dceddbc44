<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en">
<context>
    <name>lightcone::window::Headline</name>
    <message numerus="yes">
        <source>%1 · %n nodes · live</source>
        <translation>
            <numerusform>%1 · %n node · live</numerusform>
            <numerusform>%1 · %n nodes · live</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 · %n nodes · seed %2</source>
        <translation>
            <numerusform>%1 · %n node · seed %2</numerusform>
            <numerusform>%1 · %n nodes · seed %2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lightcone::window::MainWindow</name>
    <message numerus="yes">
        <source>%n nodes</source>
        <translation>
            <numerusform>%n node</numerusform>
            <numerusform>%n nodes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n clients</source>
        <translation>
            <numerusform>%n client</numerusform>
            <numerusform>%n clients</numerusform>
        </translation>
    </message>
</context>
</TS>
