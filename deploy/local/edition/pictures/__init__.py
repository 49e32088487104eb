"""The sample edition's illustrations: a drawing kit and one function per picture."""
